import { isBlank, isBlankOrEnd, isBreak, LF, SPACE, TAB } from "./characters.ts";
import { resolvePlain } from "./resolve.ts";
import type { ScalarStyle } from "./token.ts";

/** How go-yaml writes one string: style, and whether it has breaks, which a simple key cannot. */
export interface WrittenAs {
	readonly style: Exclude<ScalarStyle, "folded">;
	readonly multiline: boolean;
}

const PLAIN: WrittenAs = { style: "plain", multiline: false };
const DOUBLE: WrittenAs = { style: "double", multiline: false };

/** Text that needs no look at its characters: `ENC[…]`, names, paths, base64. It may still be a word. */
const SIMPLE = /^[A-Za-z][\w+/=,:;.@()[\]-]*[\w+/=.)\]]$/;
/** Words of YAML 1.1 that go-yaml quotes for the sake of other readers (encode.go, `isOldBool`). */
const OLD_BOOL = /^(?:[yYnN]|yes|Yes|YES|no|No|NO|on|On|ON|off|Off|OFF)$/;
/** Sexagesimal floats of YAML 1.1 (encode.go, `isBase60Float`). */
const BASE60 = /^[-+]?[0-9][0-9_]*(?::[0-5]?[0-9])+(?:\.[0-9_]*)?$/;

const FIRST_INDICATORS: ReadonlySet<number> = new Set([..."#,[]{}&*!|>'\"%@`"].map((c) => c.charCodeAt(0)));

/**
 * The style in which go-yaml v3 writes a string in block context (encode.go `stringv`, emitterc.go `analyze_scalar`).
 * But for one: lines that begin with a tab it writes in a block that no YAML reader reads, and sops makes null of them
 * (decision 0012).
 */
export function styleOf(text: string): WrittenAs {
	if (text === "") return DOUBLE;
	const wouldChange = !staysText(text);
	if (SIMPLE.test(text)) return wouldChange ? DOUBLE : PLAIN;
	const traits = analyze(text);
	const { multiline } = traits;
	if (text.includes("\n")) {
		const asBlock = traits.blockAllowed && text.charCodeAt(0) !== TAB;
		return { style: asBlock ? "literal" : "double", multiline };
	}
	if (wouldChange) return { style: "double", multiline };
	if (traits.plainAllowed) return { style: "plain", multiline };
	return { style: traits.singleAllowed ? "single" : "double", multiline };
}

/** Whether a plain scalar of this text would be read as text, by this reader and by those of YAML 1.1. */
function staysText(text: string): boolean {
	const leaf = resolvePlain(text);
	return typeof leaf !== "string" && leaf.type === "str" && !OLD_BOOL.test(text) && !BASE60.test(text);
}

interface Traits {
	readonly multiline: boolean;
	readonly plainAllowed: boolean;
	readonly singleAllowed: boolean;
	readonly blockAllowed: boolean;
}

function analyze(text: string): Traits {
	const last = text.length - 1;
	let indicators = text.startsWith("---") || text.startsWith("...");
	let breaks = false;
	let special = false;
	let tabs = false;
	let breakSpace = false;
	let spaceBreak = false;
	let previousSpace = false;
	let previousBreak = false;
	let precededByBlank = true;
	for (let i = 0; i <= last; i++) {
		const c = text.charCodeAt(i);
		if (i === 0) {
			if (FIRST_INDICATORS.has(c)) indicators = true;
			else if ((c === 63 || c === 58 || c === 45) && isBlankOrEnd(text.charCodeAt(1))) indicators = true;
		} else if (c === 58) {
			if (isBlankOrEnd(text.charCodeAt(i + 1))) indicators = true;
		} else if (c === 35 && precededByBlank) indicators = true;

		if (c === TAB) tabs = true;
		else if (!isPrintable(c)) special = true;

		const space = c === SPACE;
		const broken = isBreak(c);
		if (space && previousBreak) breakSpace = true;
		if (broken && previousSpace) spaceBreak = true;
		if (broken) breaks = true;
		previousSpace = space;
		previousBreak = broken;
		precededByBlank = broken || isBlank(c);
	}
	const firstCode = text.charCodeAt(0);
	const lastCode = text.charCodeAt(last);
	const edge = firstCode === SPACE || isBreak(firstCode) || lastCode === SPACE || isBreak(lastCode);
	const quotedOnly = breakSpace || spaceBreak || tabs || special;
	return {
		multiline: breaks,
		plainAllowed: !(indicators || edge || quotedOnly || breaks),
		singleAllowed: !quotedOnly,
		blockAllowed: !(lastCode === SPACE || spaceBreak || special),
	};
}

/**
 * What go-yaml prints without an escape (yamlprivateh.go, `is_printable`). Characters beyond the BMP are not
 * among it: the check looks at the first of four UTF-8 bytes only.
 */
export function isPrintable(c: number): boolean {
	return (
		c === LF ||
		(c >= 0x20 && c <= 0x7e) ||
		(c >= 0xa0 && c <= 0xd7ff) ||
		(c >= 0xe000 && c <= 0xfffd && c !== 0xfeff)
	);
}

const ESCAPES: ReadonlyMap<number, string> = new Map([
	[0x00, "0"],
	[0x07, "a"],
	[0x08, "b"],
	[0x09, "t"],
	[0x0a, "n"],
	[0x0b, "v"],
	[0x0c, "f"],
	[0x0d, "r"],
	[0x1b, "e"],
	[0x22, '"'],
	[0x5c, "\\"],
	[0x85, "N"],
	[0xa0, "_"],
	[0x2028, "L"],
	[0x2029, "P"],
]);

/**
 * A double-quoted scalar as go-yaml writes it. In a text that starts with a byte order mark it escapes every
 * character: the check for the mark looks at the start of the text each time (yamlprivateh.go, `is_bom`).
 */
export function doubleQuoted(text: string): string {
	const escapeAll = text.charCodeAt(0) === 0xfeff;
	let out = '"';
	for (const character of text) {
		const code = character.codePointAt(0)!;
		if (
			!escapeAll &&
			code !== 0x22 &&
			code !== 0x5c &&
			code <= 0xffff &&
			isPrintable(code) &&
			!isBreak(code)
		) {
			out += character;
			continue;
		}
		const short = ESCAPES.get(code);
		if (short !== undefined) out += `\\${short}`;
		else if (code <= 0xff) out += `\\x${hex(code, 2)}`;
		else if (code <= 0xffff) out += `\\u${hex(code, 4)}`;
		else out += `\\U${hex(code, 8)}`;
	}
	return `${out}"`;
}

function hex(code: number, digits: number): string {
	return code.toString(16).toUpperCase().padStart(digits, "0");
}
