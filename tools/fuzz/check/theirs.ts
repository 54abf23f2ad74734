import type { Oracle, Tree } from "@sopskit/reference";
import { decodeAnyBytes } from "../../../packages/core/src/leaf/any-bytes.ts";
import type { Treatment } from "../document.ts";
import { type Content, LAST_MODIFIED } from "./ours.ts";
import type { RunKeys } from "./run-keys.ts";
import type { Outcome } from "./side.ts";

/** Longer than the slowest document takes on a busy machine. */
const TIMEOUT = 20_000;

/** The oracle died or was ended, which says nothing about the document that asked. */
export class OracleGone extends Error {}

/** An encrypted file of the reference. */
export interface TheirFile {
	readonly bytes: Uint8Array;
	readonly text: string;
	/** The plaintext MAC. */
	readonly mac: string;
}

/** What the reference makes of files. Every method answers with a refusal where it refuses; @throws OracleGone */
export class Theirs {
	private readonly oracle: Oracle;
	private readonly keys: RunKeys;

	constructor(oracle: Oracle, keys: RunKeys) {
		this.oracle = oracle;
		this.keys = keys;
	}

	/** A plain file read and written again. */
	roundtrip({ format, indent }: Treatment, input: Uint8Array): Promise<Outcome<Content>> {
		const request = { format, text: input, ...(indent === undefined ? {} : { indent }) };
		return ask(async () => {
			const { tree, bytes } = await this.oracle.call("roundtrip", request, { timeout: TIMEOUT });
			return { tree, text: decodeAnyBytes(bytes) };
		});
	}

	/** The tree of a plain file. */
	load({ format, indent }: Treatment, input: Uint8Array): Promise<Outcome<Tree>> {
		const request = { format, text: input, ...(indent === undefined ? {} : { indent }) };
		return ask(async () => (await this.oracle.call("load", request, { timeout: TIMEOUT })).tree);
	}

	encrypt(treatment: Treatment, input: Uint8Array): Promise<Outcome<TheirFile>> {
		const { format, indent, selector, macOnlyEncrypted, wrapped } = treatment;
		const { keys } = this;
		const request = {
			format,
			text: input,
			macOnlyEncrypted,
			ageRecipients: [keys.recipient],
			dataKey: keys.dataKey,
			lastModified: LAST_MODIFIED,
			...(wrapped ? {} : { enc: [[keys.enc]] }),
			...(indent === undefined ? {} : { indent }),
			...(selector === undefined ? {} : { selectors: { [selector.name]: selector.value } }),
		};
		return ask(async () => {
			const { bytes, mac } = await this.oracle.call("encrypt", request, { timeout: TIMEOUT });
			return { bytes: Uint8Array.from(bytes), text: decodeAnyBytes(bytes), mac };
		});
	}

	/** @param real - unwraps with age; else the data key is known */
	decrypt(
		{ format, indent }: Treatment,
		encrypted: Uint8Array,
		real: boolean,
	): Promise<Outcome<Content & { readonly mac: string }>> {
		const key = real ? { ageIdentity: this.keys.identity } : { dataKey: this.keys.dataKey };
		const request = { format, text: encrypted, ...key, ...(indent === undefined ? {} : { indent }) };
		return ask(async () => {
			const answer = await this.oracle.call("decrypt", request, { timeout: TIMEOUT });
			return { tree: answer.tree, text: decodeAnyBytes(answer.bytes), mac: answer.storedMac ?? "" };
		});
	}
}

/** @throws OracleGone */
async function ask<T>(call: () => Promise<T>): Promise<Outcome<T>> {
	try {
		return { value: await call() };
	} catch (error) {
		const { stage, panic, message } = error as { stage?: string; panic?: boolean; message: string };
		if (stage === "process") throw new OracleGone(message);
		return { refused: `${panic ? "panic" : (stage ?? "?")}: ${message.slice(0, 400)}` };
	}
}

/** The reference loads some trees that it refuses as soon as it walks them. */
export function refuseOddTree(tree: Tree): Outcome<Tree> {
	const text = JSON.stringify(tree);
	if (!text.includes('{"badKey":') && !text.includes('{"unknown":')) return { value: tree };
	const odd = /\{"(badKey|unknown)":"([^"]*)"/.exec(text)!;
	return { refused: `walk: ${odd[1] === "badKey" ? "a key" : "a value"} of type ${odd[2]}` };
}
