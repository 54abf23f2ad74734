import { KeyError, type KeyRef, type MasterKey, SopsError, UsageError } from "@sopskit/core";
import { untilAborted } from "./abort.ts";
import { bech32Bytes } from "./bech32.ts";
import { loadLibrary } from "./library.ts";

/** Why a recipient cannot be used, or undefined where it can. No reason holds any of the text. */
export function recipientTrouble(text: string): string | undefined {
	if (text === "") return "it is empty";
	if (/age-secret-key-|age-plugin-/i.test(text))
		return "this is an identity (the private half), not a recipient";
	if (text.startsWith("ssh-")) return "SSH recipients are not supported yet";
	if (!text.startsWith("age1")) return "not an age recipient";
	const [kind, prefix, length] = text.startsWith("age1pq1")
		? ["a hybrid recipient", "age1pq", 1216]
		: text.startsWith("age1tag1")
			? ["a tag recipient", "age1tag", 33]
			: text.startsWith("age1tagpq1")
				? ["a hybrid tag recipient", "age1tagpq", 1249]
				: (["a recipient", "age", 32] as const);
	if (prefix === "age" && text.lastIndexOf("1") > "age".length) {
		return "recipients of age plugins are not supported yet";
	}
	return bech32Bytes(text, prefix, length) === undefined
		? `${kind} with a typing error or a part missing`
		: undefined;
}

/** The ref of an age recipient: both its id and its one field are the text of the recipient. */
export function recipientRef(text: string): KeyRef {
	return Object.freeze({ type: "age", id: text, fields: Object.freeze({ recipient: text }) });
}

/**
 * The `wrap` of a recipient. What comes out is what `sops` writes: an age file of exactly one recipient,
 * armored in lines of 64 characters, with a final line feed.
 */
export function wrapFor(text: string): NonNullable<MasterKey["wrap"]> {
	return (part, call) =>
		untilAborted(call.signal, async () => {
			const trouble = recipientTrouble(text);
			if (trouble !== undefined) throw new KeyError("misconfigured", `recipient ${shown(text)}: ${trouble}`);
			// Aborted work may still run when the caller overwrites the part: work on a copy of our own.
			const copy = part.slice();
			try {
				const { Encrypter, armor } = await loadLibrary();
				const encrypter = new Encrypter();
				encrypter.addRecipient(text);
				return armor.encode(await encrypter.encrypt(copy));
			} catch (error) {
				// Only the kind of error: a message of the library may quote what it was given.
				const kind = error instanceof Error ? error.name : "unknown error";
				throw new KeyError("failed", `could not wrap for ${shown(text)} (${kind})`);
			} finally {
				copy.fill(0);
			}
		});
}

/**
 * A recipient for messages. It may come out of a file, so it is cut to a line of printable characters, and is
 * not shown at all where someone put an identity in the place of a recipient.
 */
export function shown(text: string): string {
	if (/age-secret-key-|age-plugin-/i.test(text)) return "(an identity in the place of a recipient)";
	const printable = text.replace(/[^\x20-\x7e]/g, "?");
	if (printable === "") return "(no recipient)";
	return printable.length <= 100 ? printable : `${printable.slice(0, 20)}…${printable.slice(-8)}`;
}

/**
 * The master key of one recipient, for encryption; no identity is needed.
 *
 * @param text - `age1…` (X25519), `age1pq1…` (hybrid, post-quantum), `age1tag1…` or `age1tagpq1…` (hardware
 * keys); space around it is removed
 * @returns a key that wraps and cannot unwrap. Its `wrap` gives an armored age file and throws a KeyError
 * with outcome `aborted` or, for a public key that is no point on its curve, `failed`
 * @throws UsageError `argument-invalid` if it is not a text
 * @throws SopsError `key-invalid` if it is not a recipient, or one of SSH or of a plugin
 */
export function recipient(text: string): MasterKey {
	if (typeof text !== "string")
		throw new UsageError("argument-invalid", "recipient: the recipient must be a text");
	return recipientKey(text, "the recipient");
}

/**
 * The master keys of several recipients.
 *
 * @param text - a comma list as in `SOPS_AGE_RECIPIENTS`, or a recipients file: one or more lines, where
 * empty lines and those that start with `#` count for nothing. An empty text gives no keys
 * @throws UsageError `argument-invalid` if it is not a text
 * @throws SopsError `key-invalid` if an item is empty or not a recipient; `details.reason` names line and
 * item
 */
export function recipients(text: string): readonly MasterKey[] {
	if (typeof text !== "string")
		throw new UsageError("argument-invalid", "recipients: the list must be a text");
	const lines = text
		.split("\n")
		.map((line, index) => ({ line: line.trim(), number: index + 1 }))
		.filter(({ line }) => line !== "" && !line.startsWith("#"));
	return lines.flatMap(({ line, number }, index) => {
		// A comma at the end of a line only says that the list goes on in the next one.
		const items = (index < lines.length - 1 ? line.replace(/,$/, "") : line).split(",");
		return items.map((item, position) => recipientKey(item, `line ${number}, item ${position + 1}`));
	});
}

function recipientKey(untrimmed: string, place: string): MasterKey {
	const text = untrimmed.trim();
	const trouble = recipientTrouble(text);
	if (trouble !== undefined) {
		const reason = `${place}: ${trouble}`;
		throw new SopsError("key-invalid", `age recipient cannot be used: ${reason}`, { type: "age", reason });
	}
	return Object.freeze({ ref: recipientRef(text), wrap: wrapFor(text) });
}
