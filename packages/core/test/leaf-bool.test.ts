// Expected values: Go 1.26.8 on linux/amd64.
import { expect, test } from "vitest";
import { parseGoBool } from "../src/leaf/bool.ts";

test("booleans are read as ParseBool reads them", () => {
	const rows: readonly (readonly [string, boolean | undefined])[] = [
		["1", true],
		["t", true],
		["T", true],
		["TRUE", true],
		["true", true],
		["True", true],
		["0", false],
		["f", false],
		["F", false],
		["FALSE", false],
		["false", false],
		["False", false],
		["", undefined],
		["tRUE", undefined],
		["yes", undefined],
		["no", undefined],
		["on", undefined],
		["y", undefined],
		["2", undefined],
		[" true", undefined],
		["01", undefined],
	];
	for (const [text, value] of rows) expect([text, parseGoBool(text)]).toEqual([text, value]);
});
