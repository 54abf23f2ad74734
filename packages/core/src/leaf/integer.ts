/**
 * Integers as Go's `strconv` reads them. Within the tree an integer is its canonical decimal digits: no `+`,
 * no leading zeros, no `-0`.
 */

const MIN_INT64 = -(1n << 63n);
const MAX_INT64 = (1n << 63n) - 1n;
const MAX_UINT64 = (1n << 64n) - 1n;

/** A well-formed integer that a signed 64-bit one cannot hold. */
export interface WideInteger {
	/** `uint64`: unsigned 64 bit still hold it, and it has no sign. `beyond`: nothing does. */
	readonly wide: "uint64" | "beyond";
}

const UINT64: WideInteger = { wide: "uint64" };
const BEYOND: WideInteger = { wide: "beyond" };

/** A decimal integer of up to this many characters fits without a look at its value. */
const SAFE_LENGTH = 18;

/**
 * Go: `strconv.Atoi(text)`: decimal digits with an optional sign, within signed 64 bit.
 *
 * @returns canonical digits
 */
export function parseGoInt(text: string): string | undefined {
	if (!isDigits(text, hasSign(text) ? 1 : 0)) return undefined;
	if (text.length <= SAFE_LENGTH) return canonicalDigits(text);
	const n = decimal(text);
	return typeof n === "string" ? n : undefined;
}

/**
 * Go: `strconv.ParseInt(text, 0, 64)`: decimal, `0x`, `0o`, `0b` and leading-zero octal, underscores between
 * digits. `uint64` is what `strconv.ParseUint(text, 0, 64)` takes beyond that.
 *
 * @returns canonical decimal digits
 */
export function parseGoIntBase0(text: string): string | WideInteger | undefined {
	const start = hasSign(text) ? 1 : 0;
	const first = text.charCodeAt(start);
	// A leading zero opens a prefix or an octal number.
	if (first !== 0x30 && isDigits(text, start)) {
		return text.length <= SAFE_LENGTH ? canonicalDigits(text) : decimal(text);
	}
	const prefixed = PREFIXED.exec(text);
	if (prefixed !== null) {
		const [, sign = "", prefix = "", digits = ""] = prefixed;
		return withRadix(sign, digits.replaceAll("_", ""), RADIX[prefix.toLowerCase()]!);
	}
	if (!UNPREFIXED.test(text)) return undefined;
	const digits = text.replaceAll("_", "");
	return first === 0x30 ? withRadix(digits.slice(0, start), digits.slice(start), 8) : decimal(digits);
}

// Behind a prefix an underscore may come first: the prefix counts as a digit.
const PREFIXED = /^([-+]?)0([xXoObB])((?:_?[0-9a-fA-F])+)$/;
const UNPREFIXED = /^[-+]?[0-9](?:_?[0-9])*$/;
const RADIX: Readonly<Record<string, Radix>> = { x: 16, o: 8, b: 2 };

type Radix = 2 | 8 | 16;

/**
 * Go: `strconv.ParseInt(text, radix, 64)`: digits of one base with an optional sign, no prefix, no underscores.
 *
 * @returns canonical decimal digits
 */
export function parseGoIntRadix(text: string, radix: Radix): string | WideInteger | undefined {
	const start = hasSign(text) ? 1 : 0;
	return withRadix(text.slice(0, start), text.slice(start), radix);
}

const DIGITS: Readonly<Record<Radix, RegExp>> = { 2: /^[01]+$/, 8: /^[0-7]+$/, 16: /^[0-9a-fA-F]+$/ };
const PREFIX: Readonly<Record<Radix, string>> = { 2: "0b", 8: "0o", 16: "0x" };

function withRadix(sign: string, digits: string, radix: Radix): string | WideInteger | undefined {
	if (!DIGITS[radix].test(digits)) return undefined;
	const size = BigInt(PREFIX[radix] + digits);
	return inRange(sign === "-" ? -size : size, sign !== "");
}

/** Digits of base ten, already checked. */
function decimal(text: string): string | WideInteger {
	const signed = hasSign(text);
	const digits = text.slice(signed ? 1 : 0).replace(/^0+(?=[0-9])/, "");
	// Conversion of very long digits takes more than linear time.
	if (digits.length > 20) return BEYOND;
	const size = BigInt(digits);
	return inRange(text.charCodeAt(0) === 0x2d ? -size : size, signed);
}

function inRange(n: bigint, signed: boolean): string | WideInteger {
	if (n >= MIN_INT64 && n <= MAX_INT64) return n.toString();
	return n > 0n && n <= MAX_UINT64 && !signed ? UINT64 : BEYOND;
}

function canonicalDigits(text: string): string {
	const first = text.charCodeAt(0);
	const negative = first === 0x2d;
	let start = negative || first === 0x2b ? 1 : 0;
	const last = text.length - 1;
	while (start < last && text.charCodeAt(start) === 0x30) start++;
	if (!negative) return start === 0 ? text : text.slice(start);
	if (text.charCodeAt(start) === 0x30) return "0";
	return start === 1 ? text : `-${text.slice(start)}`;
}

function hasSign(text: string): boolean {
	const first = text.charCodeAt(0);
	return first === 0x2b || first === 0x2d;
}

function isDigits(text: string, start: number): boolean {
	if (start >= text.length) return false;
	for (let i = start; i < text.length; i++) {
		const digit = text.charCodeAt(i) - 0x30;
		if (!(digit >= 0 && digit <= 9)) return false;
	}
	return true;
}
