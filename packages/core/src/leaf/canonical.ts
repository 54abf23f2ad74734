import { parseGoBool } from "./bool.ts";
import { formatFloatPlain, parseGoFloat } from "./float.ts";
import { parseGoInt } from "./integer.ts";
import type { Leaf } from "./leaf.ts";
import { isMarshalableTime, parseRfc3339 } from "./time.ts";
import { decodeUtf8 } from "./utf8.ts";

/** A leaf that is hashed and can be sealed. A null never is. */
export type SealableLeaf = Exclude<Leaf, { readonly type: "null" }>;

/**
 * What the MAC hashes and the cipher seals of a leaf, as `ToBytes` of sops 3.13.3: a text stands for its UTF-8.
 *
 * @returns `undefined` for a time that RFC 3339 cannot hold (an offset of 24 hours or more): the reference
 * fails on it, and so must the operation, with `value-unsupported`
 */
export function canonicalText(leaf: SealableLeaf): string | Uint8Array | undefined {
	switch (leaf.type) {
		case "str":
		case "int":
			return leaf.value;
		case "float":
			return formatFloatPlain(leaf.value);
		case "bool":
			return leaf.value ? "True" : "False";
		case "time":
			return isMarshalableTime(leaf.value) ? leaf.value : undefined;
	}
}

/**
 * The leaf that decrypted bytes are, by the `type` of their `ENC[…]`, as Go's parsers read them
 * (format section 4).
 *
 * @returns `undefined` for an unknown type and for bytes that are none of their type
 */
export function leafFromSealed(type: string, bytes: Uint8Array): Leaf | undefined {
	const text = decodeUtf8(bytes);
	if (type === "str") return { type, value: text ?? bytes };
	if (text === undefined) return undefined;
	switch (type) {
		case "int": {
			const value = parseGoInt(text);
			return value === undefined ? undefined : { type, value };
		}
		case "float": {
			const value = parseGoFloat(text);
			return value === undefined ? undefined : { type, value };
		}
		case "bool": {
			const value = parseGoBool(text);
			return value === undefined ? undefined : { type, value };
		}
		case "time": {
			const value = parseRfc3339(text);
			return value === undefined ? undefined : { type, value };
		}
		default:
			return undefined;
	}
}
