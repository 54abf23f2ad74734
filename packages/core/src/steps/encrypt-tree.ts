import type { Cipher } from "../cipher.ts";
import { SopsError } from "../errors.ts";
import { Mac } from "../mac.ts";
import { formatPath } from "../path.ts";
import type { Judge } from "../selectors.ts";
import type { Change } from "../tree/change.ts";
import type { Branches, CommentNode, ScalarNode } from "../tree/tree.ts";
import { scalar } from "../tree/tree.ts";
import { type Place, walk } from "../tree/walk.ts";
import { canonical } from "./decrypt-tree.ts";
import { MASK, masked } from "./mask-text.ts";

export interface EncryptedTree {
	/** Upper-case hexadecimal, not yet encrypted. */
	readonly mac: string;
	/** Every leaf and comment whose text is another one now. */
	readonly changes: Change[];
}

/**
 * Encrypts the branches in place. A value or comment that was decrypted from this file and is still the same
 * gets its old ciphertext back, byte for byte.
 *
 * @param how.anew - encrypts everything: the cipher has another data key than the file had
 * @param how.inClear - the source of the branches is in clear, so that old ciphertext is new in it
 * @throws SopsError `value-unsupported`, `value-masked`, `comment-selector-ambiguous`
 */
export function encryptTree(
	branches: Branches,
	judge: Judge | undefined,
	macOnlyEncrypted: boolean,
	cipher: Cipher,
	how: { readonly anew?: boolean; readonly inClear?: boolean } = {},
): EncryptedTree {
	const mac = new Mac(macOnlyEncrypted);
	const changes: Change[] = [];
	walk(branches, judge, (node, place) => {
		const sealed = how.anew ? undefined : node.sealed;
		const after =
			node.kind === "comment"
				? encryptComment(node, sealed, place, cipher, judge, changes)
				: encryptScalar(node, sealed, place, cipher, mac, changes);
		if (how.inClear && sealed !== undefined && after !== undefined && place.encrypted)
			changes.push({ kind: "replace", node: after });
		return after;
	});
	return { mac: mac.digest(), changes };
}

function encryptScalar(
	node: ScalarNode,
	sealed: string | undefined,
	place: Place,
	cipher: Cipher,
	mac: Mac,
	changes: Change[],
): ScalarNode {
	const { leaf } = node;
	if (leaf.type === "null") return node;
	const text = canonical(node, place);
	mac.add(text, place.encrypted);
	if (!place.encrypted) return node;
	if (sealed !== undefined) {
		node.leaf = { type: "str", value: sealed };
		return node;
	}
	if (leaf.value === MASK) throw masked(place.path());
	node.leaf = { type: "str", value: cipher.sealText(text, leaf.type, place.additionalData) };
	// An empty text stays as it is.
	if (text.length > 0) changes.push({ kind: "replace", node });
	return node;
}

function encryptComment(
	node: CommentNode,
	sealed: string | undefined,
	place: Place,
	cipher: Cipher,
	judge: Judge | undefined,
	changes: Change[],
): CommentNode | ScalarNode | undefined {
	if (!place.encrypted) return node;
	if (sealed !== undefined) {
		if (!node.asItem) return { ...node, text: sealed };
		return scalar({ type: "str", value: sealed }, node.start, node.end);
	}
	// The reference turns an empty comment of a list into an empty item, which nobody wrote (decision 0004).
	if (node.text === "") {
		if (!place.inList) return node;
		return undefined;
	}
	const text = cipher.sealComment(node.text, place.additionalData);
	if (judge?.selector.name === "unencrypted_comment_regex" && judge.matches(text)) {
		throw new SopsError(
			"comment-selector-ambiguous",
			`A comment near ${formatPath(place.path())} would, once encrypted, match unencrypted_comment_regex and be taken for one in clear. Choose a pattern that no ciphertext matches.`,
			{ path: place.path() },
		);
	}
	const encrypted = node.asItem
		? scalar({ type: "str", value: text }, node.start, node.end)
		: { ...node, text };
	changes.push({ kind: "replace", node: encrypted });
	return encrypted;
}
