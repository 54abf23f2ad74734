import type { CommentNode, EntryNode, ListNode, MapNode, ScalarNode, ValueNode } from "./tree.ts";

/**
 * What an operation did to a tree, for renderers that keep the author's text. Applied to the source in any
 * order; the tree already holds the result.
 */
export type Change =
	/** A scalar's leaf or a comment's text is new; it stands where it stood. */
	| { readonly kind: "replace"; readonly node: ScalarNode | CommentNode }
	/** An entry or a list item has another value altogether: `before` gave way to `after`, a node that was nowhere before. */
	| {
			readonly kind: "exchange";
			readonly before: ValueNode;
			readonly after: ValueNode;
			readonly parent: MapNode | ListNode;
	  }
	/** `item` is new behind `after`, or first in `parent` when that is undefined. */
	| {
			readonly kind: "insert";
			readonly parent: MapNode | ListNode;
			readonly item: EntryNode | ValueNode | CommentNode;
			readonly after: EntryNode | ValueNode | CommentNode | undefined;
	  }
	/** `item` is gone from `parent`. */
	| {
			readonly kind: "remove";
			readonly parent: MapNode | ListNode;
			readonly item: EntryNode | ValueNode | CommentNode;
	  };
