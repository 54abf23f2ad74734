import { formatFloatShortest } from "./float.ts";
import type { Leaf } from "./leaf.ts";

/**
 * A leaf as formats write it that know texts only, dotenv and INI (`ValToString` of sops 3.13.3, stores/stores.go):
 * a float has a decimal point or an exponent, a time no fraction of a second, null is `<nil>`.
 */
export function flatText(leaf: Leaf): string | Uint8Array {
	switch (leaf.type) {
		case "str":
		case "int":
			return leaf.value;
		case "float":
			return flatFloat(leaf.value);
		case "bool":
			return leaf.value ? "true" : "false";
		case "time":
			return leaf.value.replace(/\.\d+/, "");
		case "null":
			return "<nil>";
	}
}

function flatFloat(n: number): string {
	const text = formatFloatShortest(n);
	if (!Number.isFinite(n)) return text;
	return /[.e]/.test(text) ? text.replace("e", "E") : `${text}.0`;
}
