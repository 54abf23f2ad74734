const DEFAULTS: readonly (readonly [string, string])[] = [
	["!", "!"],
	["!!", "tag:yaml.org,2002:"],
];

const DIRECTIVE = /^%TAG[ \t]+(!|![0-9A-Za-z_-]*!)[ \t]+([0-9A-Za-z_\-;/?:@&=+$,.!~*'()[\]%]+)[ \t]*$/;
const VERBATIM = /^!<([0-9A-Za-z_\-;/?:@&=+$,.!~*'()[\]%]+)>$/;
/** A handle takes all it can, also where nothing is then left for the suffix. */
const SHORTHAND = /^(![0-9A-Za-z_-]*!|!(?![0-9A-Za-z_-]*!))([0-9A-Za-z_\-;/?:@&=+$,.!~*'()[\]%]+)$/;

/** The tag handles of one document, and the version directive that may stand beside them. */
export class TagHandles {
	private readonly prefixes = new Map<string, string>();
	private versioned = false;

	/** Forgets the last document's directives. */
	clear(): void {
		this.prefixes.clear();
		this.versioned = false;
	}

	/** Reads a `%YAML` directive; gives what is wrong with it. */
	readVersion(source: string): string | undefined {
		if (this.versioned) return "the directive %YAML stands twice";
		this.versioned = true;
		if (/^%YAML[ \t]+0?1\.0?1[ \t]*(?:#|$)/.test(source)) return undefined;
		return "the reference reads version 1.1 of YAML only; remove the directive";
	}

	/** Reads a `%TAG` directive; gives what is wrong with it. */
	readTag(source: string): string | undefined {
		const parts = DIRECTIVE.exec(source);
		if (parts === null) return "a %TAG directive needs a handle and a prefix";
		const [, handle, prefix] = parts;
		if (this.prefixes.has(handle!)) return "a %TAG directive stands twice";
		const decoded = decodeUri(prefix!);
		if (decoded === undefined) return "the octets of a %TAG directive are no UTF-8";
		this.prefixes.set(handle!, decoded);
		return undefined;
	}

	addDefaults(): void {
		for (const [handle, prefix] of DEFAULTS)
			if (!this.prefixes.has(handle)) this.prefixes.set(handle, prefix);
	}

	/** The full tag for one as written; `undefined` when its handle is not defined or it is not well-formed. */
	resolve(source: string): string | undefined {
		if (source === "!") return source;
		const verbatim = VERBATIM.exec(source);
		if (verbatim !== null) return decodeUri(verbatim[1]!);
		const [, handle, suffix] = SHORTHAND.exec(source) ?? [];
		const prefix = handle === undefined ? undefined : this.prefixes.get(handle);
		const decoded = suffix === undefined ? undefined : decodeUri(suffix);
		return prefix === undefined || decoded === undefined ? undefined : prefix + decoded;
	}
}

function decodeUri(text: string): string | undefined {
	try {
		return decodeURIComponent(text);
	} catch {
		return undefined;
	}
}
