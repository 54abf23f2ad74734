/** What a generated YAML file may contain; a fuzz run of some size must have met each. */
export const YAML_FEATURES = [
	// Scalar styles.
	...[
		"plain",
		"plain over lines",
		"single-quoted",
		"double-quoted",
		"quoted over lines",
		"literal",
		"folded",
	],
	...[
		"clipped block",
		"stripped block",
		"kept block",
		"indentation indicator",
		"any characters",
		"tab before a value",
	],
	...["value on the next line", "empty value"],
	// Tags.
	...["tag !!str", "tag !!int", "tag !!float", "tag !!bool", "tag !!null", "tag !!binary", "tag !!timestamp"],
	...["tag !!set", "tag !!omap", "tag !!map", "tag !!seq", "local tag", "verbatim tag", "tag of a handle"],
	...["non-specific tag", "unknown tag"],
	// Comment places.
	...["comment at the start of a document", "comment at the end of a document", "comment before a key"],
	...[
		"comment before an item",
		"comment below a mapping",
		"comment below a list",
		"comment below an empty value",
	],
	...[
		"comment below a complex key",
		"comment behind a scalar",
		"comment behind an empty value",
		"comment in flow",
	],
	...["comment behind the key of a collection", "comment behind a dash", "comment behind a block header"],
	...[
		"comment behind a flow collection",
		"comment behind a complex key",
		"comment behind an alias",
		"comments only",
	],
	...["comment behind a document marker", "blank line"],
	// Anchors.
	...["anchor", "alias", "merge key"],
	// Directives and documents.
	...["%YAML", "%TAG", "document start", "further document", "document of another kind", "empty document"],
	...["document end marker"],
	// Keys.
	...["odd key", "key that is no text", "duplicate key", "sops key", "long key", "quoted key", "complex key"],
	// Collections.
	...[
		"mapping",
		"list",
		"list at the indentation of its key",
		"mapping in a list item",
		"list in a list item",
	],
	...[
		"flow collection",
		"flow over lines",
		"pair in a flow list",
		"flow key without value",
		"deep nesting",
		"CRLF",
	],
	...["empty flow collection", "byte order mark", "UTF-16"],
] as const;

export type YamlFeature = (typeof YAML_FEATURES)[number];
