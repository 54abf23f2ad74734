import type { Path } from "../path.ts";
import type { Branches, CommentNode, ListNode, MapNode, ScalarNode, ValueNode } from "./tree.ts";

/** Decides which leaves are encrypted. Structural: the walk knows no regular expressions. */
export interface Decider {
	readonly byComment: boolean;
	readonly matchEncrypts: boolean;
	matches(text: string): boolean;
}

/** Where the walk stands; valid during a visit only. */
export interface Place {
	/** Keys from the root, each followed by a colon: the additional data of the cipher. Lists leave no trace in it. */
	readonly additionalData: string;
	readonly encrypted: boolean;
	readonly inList: boolean;
	/** For errors and findings. */
	path(): Path;
}

/** What becomes of a visited node: itself, another one in its place, or nothing (a comment of a list). */
export type Visit = (node: ScalarNode | CommentNode, place: Place) => ScalarNode | CommentNode | undefined;

interface Frame {
	readonly node: MapNode | ListNode;
	readonly parent: Frame | undefined;
	/** Key under which the node stands in a mapping. */
	readonly key: string | undefined;
	readonly additionalData: string;
	/** Some key on the way here, or some comment above it, matched. */
	readonly inherited: boolean;
	/** A comment since the last sibling that is not one matched. */
	active: boolean;
	next: number;
}

/**
 * Visits the leaves and comments of all branches in document order. Iterative: depth is the author's choice.
 *
 * @param isComment - tells a list item that stands for a comment though it is a value: encrypted comments of lists
 */
export function walk(
	branches: Branches,
	decider: Decider | undefined,
	visit: Visit,
	isComment: (node: ScalarNode) => boolean = () => false,
): void {
	for (const branch of branches) new Walk(decider, visit, isComment).run(branch);
}

class Walk implements Place {
	additionalData = "";
	encrypted = true;
	inList = false;
	private readonly decider: Decider | undefined;
	private readonly visit: Visit;
	private readonly isComment: (node: ScalarNode) => boolean;
	private frame: Frame | undefined;
	/** Key of the value that is being visited. */
	private key: string | undefined;

	constructor(decider: Decider | undefined, visit: Visit, isComment: (node: ScalarNode) => boolean) {
		this.decider = decider;
		this.visit = visit;
		this.isComment = isComment;
	}

	run(root: MapNode): void {
		this.frame = frame(root, undefined, undefined, "", false);
		while (this.frame !== undefined) {
			if (this.frame.node.kind === "map") this.stepMap(this.frame, this.frame.node);
			else this.stepList(this.frame, this.frame.node);
		}
	}

	path(): Path {
		const path: (string | number)[] = [];
		if (this.key !== undefined) path.push(this.key);
		for (let at = this.frame; at !== undefined; at = at.parent) {
			if (at.node.kind === "list") path.unshift(dataIndex(at.node, at.next - 1));
			if (at.key !== undefined) path.unshift(at.key);
		}
		return path;
	}

	private stepMap(at: Frame, node: MapNode): void {
		const { entries } = node;
		while (at.next < entries.length) {
			const index = at.next++;
			const item = entries[index]!;
			if (item.kind === "comment") {
				const after = this.visitComment(at, item, false);
				if (after?.kind === "comment") entries[index] = after;
				else throw new Error("a comment of a mapping stays a comment");
				continue;
			}
			const { value, key } = item;
			const matched =
				at.inherited || at.active || (this.decider?.byComment === false && this.decider.matches(key));
			const additionalData = `${at.additionalData}${key}:`;
			at.active = false;
			if (value.kind !== "scalar") {
				this.frame = frame(value, at, key, additionalData, matched);
				return;
			}
			this.key = key;
			const after = this.visitScalar(value, additionalData, matched, false);
			this.key = undefined;
			if (after?.kind !== "scalar") throw new Error("a value of a mapping stays a value");
			item.value = after;
		}
		this.frame = at.parent;
	}

	private stepList(at: Frame, node: ListNode): void {
		const { items } = node;
		while (at.next < items.length) {
			const index = at.next++;
			const item = items[index]!;
			let after: ValueNode | CommentNode | undefined = item;
			if (item.kind === "comment") after = this.visitComment(at, item, true);
			else if (item.kind === "scalar") {
				const standsForComment = this.isComment(item);
				after = this.visitScalar(item, at.additionalData, at.inherited || at.active, true);
				if (!standsForComment) at.active = false;
			} else {
				const matched = at.inherited || at.active;
				at.active = false;
				this.frame = frame(item, at, undefined, at.additionalData, matched);
				return;
			}
			if (after === item) continue;
			if (after !== undefined) items[index] = after;
			else {
				items.splice(index, 1);
				at.next--;
			}
		}
		this.frame = at.parent;
	}

	private visitScalar(node: ScalarNode, additionalData: string, matched: boolean, inList: boolean) {
		this.additionalData = additionalData;
		this.encrypted = this.decide(matched);
		this.inList = inList;
		return this.visit(node, this);
	}

	/**
	 * A comment joins the active ones before it is judged, unless a match encrypts: then the comment that
	 * matches stays in clear (sops 3.13.3, sops.go, `shouldBeEncrypted`).
	 */
	private visitComment(at: Frame, node: CommentNode, inList: boolean) {
		const { decider } = this;
		let matched = at.inherited || at.active;
		if (decider?.byComment && decider.matches(node.text)) {
			at.active = true;
			if (!decider.matchEncrypts) matched = true;
		}
		this.additionalData = at.additionalData === "" ? ":" : at.additionalData;
		this.encrypted = this.decide(matched);
		this.inList = inList;
		return this.visit(node, this);
	}

	private decide(matched: boolean): boolean {
		return this.decider === undefined || matched === this.decider.matchEncrypts;
	}
}

function frame(
	node: MapNode | ListNode,
	parent: Frame | undefined,
	key: string | undefined,
	additionalData: string,
	inherited: boolean,
): Frame {
	return { node, parent, key, additionalData, inherited, active: false, next: 0 };
}

/** Position of an item among the data of a list. */
function dataIndex(list: ListNode, position: number): number {
	let index = 0;
	for (let i = 0; i < position; i++) if (list.items[i]!.kind !== "comment") index++;
	return index;
}
