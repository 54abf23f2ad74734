import { isKeyError, KeyError, type KeyRef, type MasterKey, SopsError, UsageError } from "@sopskit/core";
import { untilAborted } from "./abort.ts";
import { bech32Bytes } from "./bech32.ts";
import { checkOptionNames } from "./option-names.ts";
import { pluginOfRecipient } from "./plugin-name.ts";
import { type AgePlugins, isAgePlugins } from "./plugins.ts";
import { readSshPublicKey, type SshPublicKey, sshRecipient } from "./ssh-public-key.ts";

/** Bech32 recipients that need no plugin: human-readable part, bytes, and what to call them. */
const NATIVE = [
	["age1pq", 1216, "a hybrid recipient"],
	["age1tag", 33, "a tag recipient"],
	["age1tagpq", 1249, "a hybrid tag recipient"],
	["age", 32, "a recipient"],
] as const;

/** What `recipient` and `recipients` take beside the text. */
export interface RecipientOptions {
	/** Enables recipients of plugins, `age1<name>1…`: `agePlugins()` of `@sopskit/age/node`. */
	readonly plugins?: AgePlugins | undefined;
}

/**
 * Why a recipient cannot be used, or undefined where it can. No reason holds any of the text.
 *
 * @param plugins - absent: nobody can act for recipients of plugins
 */
export function recipientTrouble(text: string, plugins: AgePlugins | undefined): string | undefined {
	if (text === "") return "it is empty";
	if (/age-secret-key-|age-plugin-|^-----BEGIN /i.test(text))
		return "this is an identity (the private half), not a recipient";
	if (text.startsWith("ssh-")) {
		const key = readSshPublicKey(text);
		return typeof key === "string" ? key : undefined;
	}
	if (!text.startsWith("age1")) return "not an age recipient";
	const native = nativeKind(text);
	if (native === undefined) {
		const plugin = pluginOfRecipient(text);
		if (plugin === undefined) return "a recipient of a plugin with a typing error or a part missing";
		return plugins ? undefined : `it needs the plugin ${plugin}: pass the option plugins, agePlugins(…)`;
	}
	const [prefix, length, kind] = native;
	return bech32Bytes(text, prefix, length) === undefined
		? `${kind} with a typing error or a part missing`
		: undefined;
}

/** As the reference tells them apart: what has a second `1` and is none of the others is a plugin's. */
function nativeKind(text: string): (typeof NATIVE)[number] | undefined {
	const tagged = NATIVE.find(([prefix]) => prefix !== "age" && text.startsWith(`${prefix}1`));
	return tagged ?? (text.lastIndexOf("1") === "age".length ? NATIVE.at(-1) : undefined);
}

/** The ref of an age recipient: both its id and its one field are the text of the recipient. */
export function recipientRef(text: string): KeyRef {
	return Object.freeze({ type: "age", id: text, fields: Object.freeze({ recipient: text }) });
}

/** A recipient without what counts for nothing (the comment of an SSH key), to compare it with others. */
export function comparable(text: string): string {
	if (!text.startsWith("ssh-")) return text;
	const key = readSshPublicKey(text);
	return typeof key === "string" ? text : sshRecipient(key);
}

/**
 * The `wrap` of a recipient. What comes out is what `sops` writes: an age file of exactly one recipient,
 * armored in lines of 64 characters, with a final line feed.
 */
export function wrapFor(text: string, plugins: AgePlugins | undefined): NonNullable<MasterKey["wrap"]> {
	// Read once: a key that wraps for one file mostly wraps for many.
	let sshKey: SshPublicKey | undefined;
	return (part, call) =>
		untilAborted(call.signal, async () => {
			const trouble = recipientTrouble(text, plugins);
			if (trouble !== undefined) throw new KeyError("misconfigured", `recipient ${shown(text)}: ${trouble}`);
			// Aborted work may still run when the caller overwrites the part: work on a copy of our own.
			const copy = part.slice();
			try {
				const { seal } = await import("./seal.ts");
				if (text.startsWith("ssh-")) sshKey ??= readSshPublicKey(text) as SshPublicKey;
				return await seal(copy, { text, sshKey, plugin: pluginNeeded(text) }, plugins, call);
			} catch (error) {
				if (isKeyError(error)) throw error;
				// Only the kind of error: a message of a library may quote what it was given.
				const kind = error instanceof Error ? error.name : "unknown error";
				throw new KeyError("failed", `could not wrap for ${shown(text)} (${kind})`);
			} finally {
				copy.fill(0);
			}
		});
}

function pluginNeeded(text: string): string | undefined {
	return text.startsWith("age1") && nativeKind(text) === undefined ? pluginOfRecipient(text) : undefined;
}

/**
 * A recipient for messages. It may come out of a file, so it is cut to a line of printable characters, and is
 * not shown at all where someone put an identity in the place of a recipient.
 */
export function shown(text: string): string {
	if (/age-secret-key-|age-plugin-|PRIVATE KEY/i.test(text))
		return "(an identity in the place of a recipient)";
	const printable = text.replace(/[^\x20-\x7e]/g, "?");
	if (printable === "") return "(no recipient)";
	return printable.length <= 100 ? printable : `${printable.slice(0, 20)}…${printable.slice(-8)}`;
}

/**
 * The master key of one recipient, for encryption; no identity is needed.
 *
 * @param text - `age1…` (X25519), `age1pq1…` (hybrid, post-quantum), `age1tag1…` or `age1tagpq1…` (hardware
 * keys), `ssh-ed25519 …` or `ssh-rsa …` (a line as in `id_ed25519.pub`), or `age1<name>1…` (a plugin); space
 * around it is removed
 * @returns a key that wraps and cannot unwrap. Its `wrap` gives an armored age file and throws a KeyError
 * with outcome `aborted` or, for a public key that is no point on its curve, `failed`; with a plugin, also
 * `refused`, `misconfigured` and `timeout`
 * @throws UsageError `argument-invalid` if it is not a text, or `plugins` is something else; `option-unknown`
 * @throws SopsError `key-invalid` if it is not a recipient, or one of a plugin and there are no plugins
 */
export function recipient(text: string, options: RecipientOptions = {}): MasterKey {
	if (typeof text !== "string")
		throw new UsageError("argument-invalid", "recipient: the recipient must be a text");
	return recipientKey(text, "the recipient", checked("recipient", options));
}

/**
 * The master keys of several recipients.
 *
 * @param text - a comma list as in `SOPS_AGE_RECIPIENTS`, or a recipients file: one or more lines, where
 * empty lines and those that start with `#` count for nothing. An empty text gives no keys
 * @throws UsageError `argument-invalid` if it is not a text, or `plugins` is something else; `option-unknown`
 * @throws SopsError `key-invalid` if an item is empty or not a recipient; `details.reason` names line and
 * item
 */
export function recipients(text: string, options: RecipientOptions = {}): readonly MasterKey[] {
	if (typeof text !== "string")
		throw new UsageError("argument-invalid", "recipients: the list must be a text");
	const plugins = checked("recipients", options);
	const lines = text
		.split("\n")
		.map((line, index) => ({ line: line.trim(), number: index + 1 }))
		.filter(({ line }) => line !== "" && !line.startsWith("#"));
	return lines.flatMap(({ line, number }, index) => {
		// A comma at the end of a line only says that the list goes on in the next one.
		const items = (index < lines.length - 1 ? line.replace(/,$/, "") : line).split(",");
		return items.map((item, position) => recipientKey(item, `line ${number}, item ${position + 1}`, plugins));
	});
}

function checked(of: string, options: RecipientOptions): AgePlugins | undefined {
	checkOptionNames(of, options, ["plugins"]);
	const { plugins } = options;
	if (plugins === undefined || isAgePlugins(plugins)) return plugins;
	throw new UsageError("argument-invalid", `${of}: plugins must be what agePlugins() gives`);
}

function recipientKey(untrimmed: string, place: string, plugins: AgePlugins | undefined): MasterKey {
	const text = untrimmed.trim();
	const trouble = recipientTrouble(text, plugins);
	if (trouble !== undefined) {
		const reason = `${place}: ${trouble}`;
		throw new SopsError("key-invalid", `age recipient cannot be used: ${reason}`, { type: "age", reason });
	}
	return Object.freeze({ ref: recipientRef(text), wrap: wrapFor(text, plugins) });
}
