import { base64nopad } from "@scure/base";

/** One wrapped file key in the header of an age file. The first of `args` is the type, such as `X25519`. */
export interface AgeStanza {
	readonly args: string[];
	readonly body: Uint8Array;
}

/** The header of an age file, taken apart. */
export interface Header {
	readonly stanzas: AgeStanza[];
	/** What the MAC is over: all up to `---`, inclusive. */
	readonly signed: Uint8Array;
	readonly mac: Uint8Array;
	/** The whole header with its last line feed. */
	readonly bytes: Uint8Array;
}

const VERSION_LINE = "age-encryption.org/v1";
const MAC_LENGTH = 32;
/** Bytes in a full line of a stanza's body. */
const LINE_BYTES = 48;
const MAC_LINE_START = [...new TextEncoder().encode("\n---")];

/** Strict unpadded base64, as age has it everywhere; undefined for anything else. */
export function fromBase64(text: string): Uint8Array | undefined {
	try {
		return base64nopad.decode(text);
	} catch {
		return undefined;
	}
}

export const toBase64 = (bytes: Uint8Array): string => base64nopad.encode(bytes);

/**
 * Reads the header at the start of an age file (C2SP age specification, "ABNF definition of file header").
 * Undefined where there is none.
 */
export function readHeader(file: Uint8Array): Header | undefined {
	const macLine = find(file, MAC_LINE_START);
	if (macLine === -1) return undefined;
	const end = file.indexOf(0x0a, macLine + 1);
	if (end === -1) return undefined;
	// The mark of byte order would be dropped in silence; what is no UTF-8 becomes a character that no line may hold.
	const lines = new TextDecoder("utf-8", { ignoreBOM: true }).decode(file.subarray(0, end)).split("\n");
	const [prefix, macText, ...more] = lines.pop()!.split(" ");
	const mac = macText === undefined ? undefined : fromBase64(macText);
	if (prefix !== "---" || mac?.length !== MAC_LENGTH || more.length > 0) return undefined;
	if (lines.shift() !== VERSION_LINE) return undefined;
	const stanzas: AgeStanza[] = [];
	for (let at = 0; at < lines.length; ) {
		const args = stanzaArgs(lines[at++]!);
		if (args === undefined) return undefined;
		const body = new StanzaBody();
		while (!body.ended) if (at === lines.length || !body.add(lines[at++]!)) return undefined;
		stanzas.push({ args, body: body.bytes() });
	}
	if (stanzas.length === 0) return undefined;
	return {
		stanzas,
		signed: file.subarray(0, macLine + MAC_LINE_START.length),
		mac,
		bytes: file.subarray(0, end + 1),
	};
}

/** The words behind `->`, or undefined where the line begins no stanza. */
export function stanzaArgs(line: string): string[] | undefined {
	const [arrow, ...args] = line.split(" ");
	const isSound = arrow === "->" && args.length > 0 && args.every((arg) => /^[\x21-\x7e]+$/.test(arg));
	return isSound ? args : undefined;
}

/** The lines of a stanza's body: all are full but the last, which is shorter and may be empty. */
export class StanzaBody {
	private readonly parts: Uint8Array[] = [];
	ended = false;

	/** @returns whether the line can stand there */
	add(line: string): boolean {
		const part = fromBase64(line);
		if (part === undefined || part.length > LINE_BYTES) return false;
		this.parts.push(part);
		this.ended = part.length < LINE_BYTES;
		return true;
	}

	bytes(): Uint8Array {
		return joined(this.parts);
	}
}

/** A stanza as text, with its final line feed. */
export function stanzaText({ args, body }: AgeStanza): string {
	const lines = [`-> ${args.join(" ")}`];
	for (let at = 0; at <= body.length; at += LINE_BYTES)
		lines.push(toBase64(body.subarray(at, at + LINE_BYTES)));
	return `${lines.join("\n")}\n`;
}

/** What the MAC of a header is over. */
export function signedHeader(stanzas: readonly AgeStanza[]): Uint8Array {
	return new TextEncoder().encode(`${VERSION_LINE}\n${stanzas.map(stanzaText).join("")}---`);
}

export function macLine(mac: Uint8Array): Uint8Array {
	return new TextEncoder().encode(` ${toBase64(mac)}\n`);
}

export function joined(parts: readonly Uint8Array[]): Uint8Array {
	const all = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
	let at = 0;
	for (const part of parts) {
		all.set(part, at);
		at += part.length;
	}
	return all;
}

function find(bytes: Uint8Array, wanted: readonly number[]): number {
	for (let at = bytes.indexOf(wanted[0]!); at !== -1; at = bytes.indexOf(wanted[0]!, at + 1)) {
		if (wanted.every((byte, index) => bytes[at + index] === byte)) return at;
	}
	return -1;
}
