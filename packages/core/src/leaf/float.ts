/**
 * Floats as Go's `strconv` and `encoding/json` write and read them. JavaScript and Go agree on the shortest
 * digits that give a float back; they differ in when an exponent is written and in what a reader accepts.
 */

/**
 * Digits without any exponent: what the MAC hashes and the cipher seals.
 * Go: `strconv.FormatFloat(n, 'f', -1, 64)`, as `ToBytes` of sops 3.13.3 calls it.
 */
export function formatFloatPlain(n: number): string {
	if (n === 0) return Object.is(n, -0) ? "-0" : "0";
	if (!Number.isFinite(n)) return formatNonFinite(n);
	const text = String(n);
	const e = text.indexOf("e");
	if (e < 0) return text;

	const sign = n < 0 ? "-" : "";
	const mantissa = text.slice(sign.length, e);
	const point = mantissa.indexOf(".");
	const digits = point < 0 ? mantissa : mantissa.slice(0, point) + mantissa.slice(point + 1);
	const exponent = Number(text.slice(e + 1));
	if (exponent < 0) return `${sign}0.${"0".repeat(-exponent - 1)}${digits}`;
	// String() writes an exponent only from 1e21 on, where no fraction digit is left.
	return sign + digits.padEnd(exponent + 1, "0");
}

/**
 * An exponent below 1e-4 and from 1e6 on, of two digits at least: what go-yaml writes for a float.
 * Go: `strconv.FormatFloat(n, 'g', -1, 64)`. The limit of 21 digits known from `%v` belongs to `fmt`.
 */
export function formatFloatShortest(n: number): string {
	if (n === 0) return Object.is(n, -0) ? "-0" : "0";
	if (!Number.isFinite(n)) return formatNonFinite(n);
	const size = Math.abs(n);
	if (size >= 1e-4 && size < 1e6) return String(n);
	const text = n.toExponential();
	// Two characters behind the `e` are its sign and a single digit.
	return text.at(-3) === "e" ? `${text.slice(0, -1)}0${text.at(-1)}` : text;
}

/**
 * What Go's `json.Marshal` writes for a float64, which is what JavaScript writes but for `-0`.
 *
 * @returns `undefined` for NaN and the infinities, which JSON cannot hold
 */
export function formatFloatJson(n: number): string | undefined {
	if (!Number.isFinite(n)) return undefined;
	return Object.is(n, -0) ? "-0" : String(n);
}

function formatNonFinite(n: number): string {
	if (Number.isNaN(n)) return "NaN";
	return n > 0 ? "+Inf" : "-Inf";
}

const DECIMAL = /^[-+]?(?:[0-9_]+(?:\.[0-9_]*)?|\.[0-9_]+)(?:[eE][-+]?[0-9][0-9_]*)?$/;
const HEXADECIMAL =
	/^[-+]?0[xX](?:([0-9a-fA-F_]+)(?:\.([0-9a-fA-F_]*))?|\.([0-9a-fA-F_]+))[pP]([-+]?[0-9][0-9_]*)$/;
const WORD = /^(?:nan|([-+]?)inf(?:inity)?)$/i;

/**
 * Go: `strconv.ParseFloat(text, 64)`: decimal and hexadecimal floats, underscores between digits, and the
 * words `inf`, `infinity` and `nan` in any case. What rounds to zero is zero.
 *
 * @returns `undefined` for anything else and for what is too large
 */
export function parseGoFloat(text: string): number | undefined {
	if (DECIMAL.test(text)) {
		const digits = withoutUnderscores(text, false);
		return digits === undefined ? undefined : parseDecimal(digits);
	}
	const hexadecimal = HEXADECIMAL.exec(text);
	if (hexadecimal !== null) {
		const [, whole = "", fraction = "", onlyFraction = "", exponent = ""] = hexadecimal;
		if (withoutUnderscores(text, true) === undefined) return undefined;
		const size = parseHexadecimal(whole, fraction + onlyFraction, exponent);
		return size !== undefined && text.charCodeAt(0) === 0x2d ? -size : size;
	}
	const word = WORD.exec(text);
	if (word === null) return undefined;
	if (word[1] === undefined) return Number.NaN;
	return word[1] === "-" ? -Infinity : Infinity;
}

/**
 * A decimal literal that is known to be well-formed and to have at least one digit; `undefined` beyond the
 * range of a float. Go 1.26 misplaces the decimal point of some literals with more than 800 digits before
 * it (`decimal.set` counts no further); this reads what they say.
 */
export function parseDecimal(text: string): number | undefined {
	const n = Number(text);
	return Number.isFinite(n) ? n : undefined;
}

/** Go's rule: an underscore stands between two digits, where a base prefix counts as a digit. */
function withoutUnderscores(text: string, hexadecimal: boolean): string | undefined {
	if (!text.includes("_")) return text;
	const digits = hexadecimal ? text.replace(/^[-+]?0[xX]/, "0").replace(/[pP].*$/s, "") : text;
	if (/^[-+]?_|_[^0-9a-fA-F]|[^0-9a-fA-F]_|__|_$/.test(digits)) return undefined;
	if (hexadecimal) return /__|_$/.test(text) ? undefined : text.replaceAll("_", "");
	return /_[eE]/.test(text) ? undefined : text.replaceAll("_", "");
}

/** Rounds to the nearest float, ties to even, once: also where the result is subnormal. */
function parseHexadecimal(whole: string, fraction: string, power: string): number | undefined {
	const fractionDigits = fraction.replaceAll("_", "");
	const digits = (whole.replaceAll("_", "") + fractionDigits).replace(/^0+/, "");
	if (digits === "") return 0;
	const mantissa = BigInt(`0x${digits}`);
	const leading = 32 - Math.clz32(Number.parseInt(digits.charAt(0), 16));
	const bits = (digits.length - 1) * 4 + leading;
	const scale = Number(power.replaceAll("_", "")) - 4 * fractionDigits.length;

	const exponent = bits - 1 + scale;
	if (exponent > 1023) return undefined;
	const precision = exponent >= -1022 ? 53 : exponent + 1075;
	if (precision < 0) return 0;
	const drop = bits - precision;
	if (drop <= 0) return Number(mantissa) * 2 ** scale;

	const cut = BigInt(drop);
	let kept = mantissa >> cut;
	const rest = mantissa - (kept << cut);
	const half = 1n << (cut - 1n);
	if (rest > half || (rest === half && (kept & 1n) === 1n)) kept += 1n;
	const n = Number(kept) * 2 ** (scale + drop);
	return n === Infinity ? undefined : n;
}
