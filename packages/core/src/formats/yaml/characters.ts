// Character classes of go-yaml v3, over UTF-16 code units. `NaN` is the end of the text.

export const TAB = 9;
export const LF = 10;
export const CR = 13;
export const SPACE = 32;
export const HASH = 35;
export const DASH = 45;
export const COLON = 58;

/** A line break: CR, LF, NEL, LS or PS. */
export function isBreak(c: number): boolean {
	return c === LF || c === CR || c === 0x85 || c === 0x2028 || c === 0x2029;
}

/** Space or tab. */
export function isBlank(c: number): boolean {
	return c === SPACE || c === TAB;
}

/** A break or the end of the text. */
export function isBreakOrEnd(c: number): boolean {
	return isBreak(c) || Number.isNaN(c);
}

/** A blank, a break or the end of the text. */
export function isBlankOrEnd(c: number): boolean {
	return c === SPACE || c === TAB || isBreak(c) || Number.isNaN(c);
}

/** What go-yaml's reader refuses anywhere in a file: controls, DEL and the C1 range but NEL, lone surrogates, U+FFFE and U+FFFF. */
const UNREADABLE: RegExp =
	/[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\ud800-\udfff]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/;

/** Nothing else is left to look for in a text of these alone, and most are. */
const PLAIN_ASCII = /^[\t\n\r\x20-\x7e]*$/;

/** Offset of the first character that go-yaml refuses, or -1. */
export function findUnreadable(text: string): number {
	return PLAIN_ASCII.test(text) ? -1 : text.search(UNREADABLE);
}
