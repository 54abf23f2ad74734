/**
 * A value of the tree in its canonical form: what the MAC hashes and the cipher seals is one step away from
 * it, and so is every emitter. Conversions to JavaScript's own types happen only when a caller asks for data.
 *
 * | type | value |
 * | --- | --- |
 * | `str` | the text; bytes when they are not UTF-8 |
 * | `int` | decimal digits with an optional `-`, within signed 64 bit |
 * | `float` | a number, NaN and infinities included |
 * | `bool` | a boolean |
 * | `time` | RFC 3339 with as many fraction digits as needed |
 * | `null` | null |
 */
export type Leaf =
	| { readonly type: "str"; readonly value: string | Uint8Array }
	| { readonly type: "int"; readonly value: string }
	| { readonly type: "float"; readonly value: number }
	| { readonly type: "bool"; readonly value: boolean }
	| { readonly type: "time"; readonly value: string }
	| { readonly type: "null"; readonly value: null };

export const NULL: Leaf = { type: "null", value: null };

/** Whether two leaves are the same value of the same type. */
export function sameLeaf(a: Leaf, b: Leaf): boolean {
	if (a.type !== b.type) return false;
	if (a.value instanceof Uint8Array || b.value instanceof Uint8Array) {
		if (!(a.value instanceof Uint8Array && b.value instanceof Uint8Array)) return false;
		const other = b.value;
		return a.value.length === other.length && a.value.every((byte, i) => byte === other[i]);
	}
	return Object.is(a.value, b.value);
}
