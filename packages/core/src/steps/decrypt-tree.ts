import { type Cipher, type Damage, looksSealed, looksSealedComment } from "../cipher.ts";
import { isSopsError, SopsError } from "../errors.ts";
import type { Finding } from "../finding.ts";
import { decodeAnyBytes } from "../leaf/any-bytes.ts";
import { canonicalText } from "../leaf/canonical.ts";
import { Mac, sameDigest } from "../mac.ts";
import type { Metadata } from "../metadata/metadata.ts";
import { formatPath, type Path } from "../path.ts";
import { DEFAULT_SELECTOR, Judge } from "../selectors.ts";
import type { Branches, CommentNode, ScalarNode } from "../tree/tree.ts";
import { type Place, walk } from "../tree/walk.ts";

/**
 * Decrypts the branches of a file in place and verifies its MAC: nothing that was decrypted may be given out
 * before this returns.
 *
 * @param report - takes what is wrong instead of having it thrown; the branches are then of no use. The MAC of a file
 * with damaged values is not looked at
 * @throws SopsError `value-damaged`, `value-not-encrypted`, `value-unsupported`, `mac-missing`, `mac-damaged`, `mac-mismatch`
 */
export function decryptTree(
	branches: Branches,
	metadata: Metadata,
	cipher: Cipher,
	ignoreMac: boolean,
	findings: Finding[],
	report?: (problem: SopsError) => void,
): void {
	const judge = new Judge(metadata.selector ?? DEFAULT_SELECTOR);
	if (judge.invalid !== undefined) {
		findings.push({
			code: "selector-invalid",
			message: `The selector ${judge.selector.name} of the file is not a regular expression of RE2, and so matches nothing.`,
		});
	}
	const mac = new Mac(metadata.macOnlyEncrypted);
	let isWhole = true;
	const decrypt = (node: ScalarNode | CommentNode, place: Place): ScalarNode | CommentNode => {
		if (node.kind === "comment") return decryptComment(node, place, cipher, mac, findings);
		if (report === undefined) return decryptScalar(node, place, cipher, mac);
		try {
			return decryptScalar(node, place, cipher, mac);
		} catch (thrown) {
			if (!isSopsError(thrown)) throw thrown;
			isWhole = false;
			report(thrown);
			return node;
		}
	};
	walk(
		branches,
		judge,
		decrypt,
		(node) => typeof node.leaf.value === "string" && looksSealedComment(node.leaf.value),
	);
	if (ignoreMac) {
		findings.push({
			code: "mac-ignored",
			message: "The MAC was not checked: values may have been removed, moved or added.",
		});
		return;
	}
	if (!isWhole) return;
	const problem = macProblem(mac, metadata, cipher);
	if (problem === undefined) return;
	if (report === undefined) throw problem;
	report(problem);
}

function decryptScalar(node: ScalarNode, place: Place, cipher: Cipher, mac: Mac): ScalarNode | CommentNode {
	if (node.leaf.type === "null") return node;
	if (place.encrypted) {
		const { leaf } = node;
		if (leaf.type !== "str") throw notEncrypted(place.path());
		// Behind the bracket of a ciphertext may stand any bytes.
		const text = typeof leaf.value === "string" ? leaf.value : decodeAnyBytes(leaf.value);
		const opened = cipher.open(text, place.additionalData);
		if (typeof opened === "string") {
			throw looksSealed(text) ? damaged(place.path(), opened) : notEncrypted(place.path());
		}
		if (opened.type === "comment") {
			if (!place.inList) throw damaged(place.path(), "type");
			const { start, end } = node;
			return {
				kind: "comment",
				start,
				end,
				text: opened.value,
				inline: false,
				sealed: text,
				asItem: true,
			};
		}
		if (text !== "") node.sealed = text;
		node.leaf = opened;
	}
	mac.add(canonical(node, place), place.encrypted);
	return node;
}

/**
 * A comment that does not decrypt was not encrypted in the first place, which older versions did. What decrypts to a
 * text that is no comment counts for the MAC, and to anything else it is refused (sops 3.13.3, sops.go, `Decrypt` and
 * `walkBranch`).
 */
function decryptComment(
	node: CommentNode,
	place: Place,
	cipher: Cipher,
	mac: Mac,
	findings: Finding[],
): CommentNode {
	if (!place.encrypted || node.text === "") return node;
	const opened = cipher.open(node.text, place.additionalData);
	if (typeof opened === "string") {
		findings.push({
			code: "comment-not-encrypted",
			message: "A comment where comments are encrypted is in clear, and is kept as it is.",
			path: place.path(),
		});
		return node;
	}
	if (opened.type !== "comment" && opened.type !== "str") throw damaged(place.path(), "type");
	if (opened.type === "str") mac.add(opened.value, true);
	const { start, end } = node;
	const text = typeof opened.value === "string" ? opened.value : decodeAnyBytes(opened.value);
	return { kind: "comment", start, end, text, inline: node.inline, sealed: node.text, asItem: false };
}

/** What is wrong with the MAC, if anything. */
function macProblem(mac: Mac, metadata: Metadata, cipher: Cipher): SopsError | undefined {
	if (metadata.mac === "") {
		return new SopsError(
			"mac-missing",
			"The file has no MAC, so nobody can tell whether values were removed or moved. Restore it from the last good version, or pass ignoreMac to take the risk.",
			{},
		);
	}
	const stored = cipher.open(metadata.mac, metadata.lastModified);
	if (typeof stored === "string" || stored.type !== "str" || typeof stored.value !== "string") {
		return new SopsError(
			"mac-damaged",
			"The MAC of the file, or its time of last modification, was changed. Restore both from the last good version of the file.",
			{},
		);
	}
	if (sameDigest(stored.value, mac.digest())) return undefined;
	return new SopsError(
		"mac-mismatch",
		"The MAC does not fit the values: something in the file was changed, removed, moved or added without SOPS. Restore the last good version, or pass ignoreMac to read it all the same.",
		{},
	);
}

/** The canonical text of a value that is not null. @throws SopsError `value-unsupported` */
export function canonical(node: ScalarNode, place: Place): string | Uint8Array {
	if (node.leaf.type === "null") return "";
	const text = canonicalText(node.leaf);
	if (text !== undefined) return text;
	throw new SopsError(
		"value-unsupported",
		`The time at ${formatPath(place.path())} has an offset that RFC 3339 cannot hold. Write it in quotes to keep it as text.`,
		{ path: place.path(), found: "time" },
	);
}

function notEncrypted(path: Path): SopsError {
	return new SopsError(
		"value-not-encrypted",
		`The value at ${formatPath(path)} is in clear where it must be encrypted. Encrypt it with an edit, or restore the file.`,
		{ path },
	);
}

const DAMAGES: Readonly<Record<Damage, string>> = {
	syntax: "is not a complete ENC[…] text",
	authentication: "was changed, or moved here from another key or file",
	type: "does not hold what its type says",
};

function damaged(path: Path, reason: Damage): SopsError {
	return new SopsError(
		"value-damaged",
		`The encrypted value at ${formatPath(path)} ${DAMAGES[reason]}. Restore it from the last good version of the file.`,
		{ path, reason },
	);
}
