import { formatFloatShortest } from "../../leaf/float.ts";
import type { Leaf } from "../../leaf/leaf.ts";

/**
 * A leaf as sops 3.13.3 writes it where all values are text (stores/stores.go, `ValToString`): a null is
 * `<nil>`, a float has a point or an exponent, and a time loses its fraction.
 *
 * @returns `undefined` for bytes that are not UTF-8
 */
export function leafText(leaf: Leaf): string | undefined {
	switch (leaf.type) {
		case "str":
			return typeof leaf.value === "string" ? leaf.value.toWellFormed() : undefined;
		case "int":
			return leaf.value;
		case "float": {
			if (!Number.isFinite(leaf.value)) return formatFloatShortest(leaf.value);
			const text = formatFloatShortest(leaf.value).toUpperCase();
			return /[.E]/.test(text) ? text : `${text}.0`;
		}
		case "bool":
			return leaf.value ? "true" : "false";
		case "time":
			return leaf.value.replace(/\.\d+/, "");
		case "null":
			return "<nil>";
	}
}
