import { parseDecimal, parseGoFloat } from "../../leaf/float.ts";
import { parseGoIntBase0, parseGoIntRadix } from "../../leaf/integer.ts";
import { type Leaf, NULL } from "../../leaf/leaf.ts";
import { parseYamlTimestamp } from "../../leaf/time.ts";
import { decodeUtf8 } from "../../leaf/utf8.ts";

const TAG_PREFIX = "tag:yaml.org,2002:";
const TRUE: Leaf = { type: "bool", value: true };
const FALSE: Leaf = { type: "bool", value: false };

/** Words that are not text; go-yaml's table, neither YAML 1.1 nor 1.2 (go.yaml.in/yaml/v3 3.0.4, resolve.go). */
const WORDS: ReadonlyMap<string, Leaf> = new Map<string, Leaf>([
	...["", "~", "null", "Null", "NULL"].map((word): [string, Leaf] => [word, NULL]),
	...["true", "True", "TRUE"].map((word): [string, Leaf] => [word, TRUE]),
	...["false", "False", "FALSE"].map((word): [string, Leaf] => [word, FALSE]),
	...[".nan", ".NaN", ".NAN"].map((word): [string, Leaf] => [word, { type: "float", value: Number.NaN }]),
	...[".inf", ".Inf", ".INF", "+.inf", "+.Inf", "+.INF"].map((word): [string, Leaf] => [
		word,
		{ type: "float", value: Infinity },
	]),
	...["-.inf", "-.Inf", "-.INF"].map((word): [string, Leaf] => [word, { type: "float", value: -Infinity }]),
]);

/** First characters of what can be more than text. */
const MAYBE_WORD = /^[yYnNtTfFoO~]/;
const FLOAT = /^[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?$/;

/** A scalar that cannot be what its tag says, or an integer that no leaf holds. */
export type Unresolved = "tag-mismatch" | "integer-out-of-range" | "binary-malformed";

/**
 * What a plain scalar without a tag is.
 *
 * @returns `integer-out-of-range` for integers that only unsigned 64 bit hold; larger ones are floats
 */
export function resolvePlain(value: string): Leaf | "integer-out-of-range" {
	const c = value.charCodeAt(0);
	// Letters that start no word, and so most keys and every `ENC[…]`.
	if (c >= 65 && !MAYBE_WORD.test(value)) return { type: "str", value };
	const word = WORDS.get(value);
	if (word !== undefined) return word;
	if (c === 46) {
		const float = parseGoFloat(value);
		return float === undefined ? { type: "str", value } : { type: "float", value: float };
	}
	const startsNumber = (c >= 48 && c <= 57) || c === 43 || c === 45;
	if (!startsNumber) return { type: "str", value };
	const time = parseYamlTimestamp(value);
	return time === undefined ? resolveNumber(value) : { type: "time", value: time };
}

function resolveNumber(value: string): Leaf | "integer-out-of-range" {
	const digits = value.includes("_") ? value.replaceAll("_", "") : value;
	const int = parseGoIntBase0(digits);
	if (typeof int === "string") return { type: "int", value: int };
	if (int?.wide === "uint64") return "integer-out-of-range";
	if (FLOAT.test(digits)) {
		const float = parseDecimal(digits);
		if (float !== undefined) return { type: "float", value: float };
	}
	// go-yaml parses what is behind these prefixes by itself, and so takes a sign there.
	if (/^0[bo][-+]/.test(digits)) {
		const signed = parseGoIntRadix(digits.slice(2), digits[1] === "b" ? 2 : 8);
		if (typeof signed === "string") return { type: "int", value: signed };
	}
	return { type: "str", value };
}

/**
 * What a scalar with a tag, or in quotes, is. Unknown tags give text, as in the reference.
 *
 * @param tag - resolved tag; `!` and empty are none
 */
export function resolveTagged(tag: string, value: string, quoted: boolean): Leaf | Unresolved {
	if (tag === "" || tag === "!") return quoted ? { type: "str", value } : resolvePlain(value);
	if (!tag.startsWith(TAG_PREFIX) && !tag.startsWith("!!")) return { type: "str", value };
	switch (tag.slice(tag.startsWith("!!") ? 2 : TAG_PREFIX.length)) {
		case "int":
			return expect(resolveUntimed(value), "int");
		case "float": {
			const leaf = resolveUntimed(value);
			if (typeof leaf !== "string" && leaf.type === "int")
				return { type: "float", value: Number(leaf.value) };
			return expect(leaf, "float");
		}
		case "bool":
			return expect(resolveUntimed(value), "bool");
		case "null":
			return expect(resolveUntimed(value), "null");
		case "timestamp": {
			const time = parseYamlTimestamp(value);
			return time === undefined ? "tag-mismatch" : { type: "time", value: time };
		}
		case "binary":
			return decodeBinary(value);
		default:
			return { type: "str", value };
	}
}

/** Under an explicit tag a timestamp is looked for only if the tag is its own. */
function resolveUntimed(value: string): Leaf | "integer-out-of-range" {
	const leaf = resolvePlain(value);
	if (typeof leaf === "string" || leaf.type !== "time") return leaf;
	return resolveNumber(value);
}

function expect(leaf: Leaf | "integer-out-of-range", type: Leaf["type"]): Leaf | Unresolved {
	if (typeof leaf === "string") return leaf;
	return leaf.type === type ? leaf : "tag-mismatch";
}

/** Standard base64 with padding; line breaks inside are skipped, as Go does. */
function decodeBinary(value: string): Leaf | Unresolved {
	const text = value.replace(/[\r\n]/g, "");
	if (text.length % 4 !== 0 || !/^[A-Za-z0-9+/]*={0,2}$/.test(text)) return "binary-malformed";
	const bytes = Uint8Array.from(atob(text), (c) => c.charCodeAt(0));
	return { type: "str", value: decodeUtf8(bytes) ?? bytes };
}
