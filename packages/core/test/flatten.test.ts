// Accepted and refused as by stores/flatten.go of sops 3.13.3.
import { describeReference } from "@sopskit/reference/suite";
import { describe, expect, it } from "vitest";
import { Random } from "../../../tools/fuzz/random.ts";
import { flatText } from "../src/leaf/flat.ts";
import type { Leaf } from "../src/leaf/leaf.ts";
import { flatten, unflatten } from "../src/metadata/flatten.ts";
import { toData } from "../src/tree/data.ts";
import { fromData } from "../src/tree/from-data.ts";
import { entry, type MapNode, scalar } from "../src/tree/tree.ts";
import { refused } from "./refusal.ts";
import { vector } from "./vector-files.ts";

const OPTIONS = { integers: "number", timestamps: "text" } as const;
const branch = (data: object): MapNode => fromData(data) as MapNode;
const fields = (...names: readonly string[]) =>
	names.map((name, i) => entry(name, scalar({ type: "str", value: String(i) })));

describe("flatten", () => {
	it("names every value by the way to it", () => {
		const tree = branch({ a: "x", l: [{ k: "1" }, ["2", "3"]], m: { n: { o: "4" } }, e: [], f: {} });
		expect(flatten(tree, "sops_").map(({ key, value }) => [key, toData(value, OPTIONS)])).toEqual([
			["sops_a", "x"],
			["sops_l__list_0__map_k", "1"],
			["sops_l__list_1__list_0", "2"],
			["sops_l__list_1__list_1", "3"],
			["sops_m__map_n__map_o", "4"],
		]);
	});

	it("makes texts of other values", () => {
		expect(
			flatten(branch({ n: 2, b: true, z: null }), "").map(({ value }) => toData(value, OPTIONS)),
		).toEqual(["2", "true", "<nil>"]);
	});

	it("refuses two ways to one name", async () => {
		await refused(() => flatten(branch({ a: { b: "1" }, a__map_b: "2" }), ""), "metadata-invalid");
	});

	it("is undone by unflatten", () => {
		const data = {
			age: [
				{ enc: "e\n", recipient: "r" },
				{ enc: "f", recipient: "s" },
			],
			mac: "m",
		};
		expect(toData(unflatten(flatten(branch(data), "")), OPTIONS)).toEqual(data);
	});

	it("bears any depth", () => {
		const name = `a${"__map_a".repeat(50_000)}`;
		expect(flatten(unflatten(fields(name)), "").map(({ key }) => key)).toEqual([name]);
	});
});

describe("unflatten", () => {
	const good: readonly (readonly [readonly string[], unknown])[] = [
		[["b", "a"], { a: "1", b: "0" }],
		[["l__list_1", "l__list_0"], { l: ["1", "0"] }],
		[["l__list_x"], { l: ["0"] }],
		[["l__list_+0"], { l: ["0"] }],
		[["l__list_"], { l: ["0"] }],
		[["__map_a"], { "": { a: "0" } }],
		[["__list_0"], { "": ["0"] }],
		[["a___map_b"], { a_: { b: "0" } }],
		[["a__map__list_0"], { a: { _list_0: "0" } }],
		[["a_map_b", "a__map"], { a_map_b: "0", a__map: "1" }],
		[["a__map_"], { a: { "": "0" } }],
	];
	for (const [names, data] of good) {
		it(`reads ${names.join(" and ")}`, () => {
			expect(toData(unflatten(fields(...names)), OPTIONS)).toEqual(data);
		});
	}

	for (const [names, reason] of [
		[["a", "a"], /stands twice/],
		[["l__list_0", "l__list_x"], /stands twice/],
		[["a", "a__map_b"], /a value and a container/],
		[["a__list_0", "a"], /a value and a container/],
		[["a__list_0", "a__map_b"], /a value and a container/],
		[["a__list_1"], /holes/],
		[["a__list_0", "a__list_2"], /holes/],
		[["a__list_-1"], /holes/],
		[["a__list_99999999999999999999"], /holes/],
	] as const) {
		it(`refuses ${names.join(" and ")}`, async () => {
			const error = await refused(() => unflatten(fields(...names)), "metadata-invalid");
			expect(error.details.reason).toMatch(reason);
		});
	}
});

describeReference("unflatten, beside the reference", (reference) => {
	it("accepts and refuses the same", async () => {
		const { encrypted, dataKey } = vector("dotenv/basic");
		const random = new Random(11);
		const pieces = ["__map_", "__list_", "a", "0", "1", "_", "b", "__list_0", "-1"];
		let accepted = 0;
		for (let i = 0; i < 400; i++) {
			const names = Array.from({ length: 1 + random.int(4) }, () => {
				let name = "zz";
				for (let n = random.int(4); n > 0; n--) name += random.pick(pieces);
				return name;
			});
			const text = encrypted + names.map((name) => `sops_${name}=x\n`).join("");
			const theirs = await reference.oracle.call("decrypt", { format: "dotenv", text, dataKey }).then(
				() => true,
				() => false,
			);
			let ours = true;
			try {
				unflatten(fields(...names));
			} catch {
				ours = false;
			}
			expect([names, ours]).toEqual([names, theirs]);
			if (ours) accepted++;
		}
		expect(accepted).toBeGreaterThan(50);
		expect(accepted).toBeLessThan(350);
	});

	it("texts of values are the same", async () => {
		const leaves: readonly Leaf[] = [
			...[0, -0, 5, 0.1, 999999, 1e6, 1234567.5, 1e21, 1e-4, 1e-5, 1.5e-7, 1e100, -2.5].map(
				(value): Leaf => ({ type: "float", value }),
			),
			...[Number.NaN, Infinity, -Infinity].map((value): Leaf => ({ type: "float", value })),
			{ type: "int", value: "-9223372036854775808" },
			{ type: "bool", value: true },
			{ type: "bool", value: false },
			{ type: "null", value: null },
			{ type: "time", value: "2024-01-02T03:04:05.678+02:00" },
			{ type: "time", value: "2024-01-02T03:04:05Z" },
		];
		for (const leaf of leaves) {
			const value = leafForOracle(leaf);
			const { text } = await reference.oracle.call("emit", {
				format: "dotenv",
				tree: [{ map: [{ key: "k", value }] }],
			});
			expect(text).toBe(`k=${flatText(leaf) as string}\n`);
		}
	});
});

function leafForOracle(leaf: Leaf) {
	if (leaf.type === "float") {
		const text = Number.isFinite(leaf.value) ? leaf.value.toExponential() : undefined;
		if (Object.is(leaf.value, -0)) return { float: "-0" };
		return { float: text ?? (Number.isNaN(leaf.value) ? "NaN" : leaf.value > 0 ? "+Inf" : "-Inf") };
	}
	if (leaf.type === "int") return { int: leaf.value };
	if (leaf.type === "bool") return { bool: leaf.value };
	if (leaf.type === "time") return { time: leaf.value };
	return { null: true } as const;
}
