import { expect, it } from "vitest";
import {
	attachMetadata,
	detachMetadata,
	hasMetadata,
	restoreMetadata,
	stampsOf,
} from "../src/metadata/place.ts";
import { toData } from "../src/tree/data.ts";
import { fromData } from "../src/tree/from-data.ts";
import { comment, entry, type MapNode, map, scalar } from "../src/tree/tree.ts";
import { refused } from "./refusal.ts";

const OPTIONS = { integers: "number", timestamps: "text" } as const;
const METADATA = {
	age: [{ enc: "one\ntwo\n", recipient: "r" }],
	lastmodified: "now",
	mac: "m",
	shamir_threshold: 2,
};
const metadata = (): MapNode => fromData(METADATA) as MapNode;
const keys = (branch: MapNode): string[] =>
	branch.entries.map((item) => (item.kind === "entry" ? item.key : `#${item.text}`));

const rows = [
	["nested", { a: { x: "1" }, sops: METADATA }],
	[
		"section",
		{
			a: { x: "1" },
			sops: {
				age__list_0__map_enc: "one\\ntwo\\n",
				age__list_0__map_recipient: "r",
				lastmodified: "now",
				mac: "m",
				shamir_threshold: "2",
			},
		},
	],
	[
		"prefix",
		{
			a: { x: "1" },
			sops_age__list_0__map_enc: "one\ntwo\n",
			sops_age__list_0__map_recipient: "r",
			sops_lastmodified: "now",
			sops_mac: "m",
			sops_shamir_threshold: "2",
		},
	],
] as const;

for (const [placement, data] of rows) {
	it(`${placement}: attached, found, detached and restored`, () => {
		const branch = fromData({ a: { x: "1" } }) as MapNode;
		expect(hasMetadata([branch], placement)).toBe(false);
		const changes = attachMetadata([branch], metadata(), placement);
		expect(changes.map(({ kind }) => kind)).toEqual(changes.map(() => "insert"));
		expect(toData(branch, OPTIONS)).toEqual(data);
		expect(hasMetadata([branch], placement)).toBe(true);

		const before = keys(branch);
		const detached = detachMetadata([branch], placement, "any");
		expect(keys(branch)).toEqual(["a"]);
		const threshold = placement === "nested" ? 2 : "2";
		expect(toData(detached.node, OPTIONS)).toEqual({ ...METADATA, shamir_threshold: threshold });
		expect(stampsOf(detached, "mac")?.map(({ leaf }) => leaf.value)).toEqual(["m"]);
		for (const node of stampsOf(detached, "mac")!) node.leaf = { type: "str", value: "renewed" };
		branch.entries.push(entry("b", scalar({ type: "str", value: "2" })));
		restoreMetadata(detached.places);
		expect(keys(branch)).toEqual(["a", "b", ...before.slice(1)]);
		expect(JSON.stringify(toData(branch, OPTIONS))).toContain("renewed");
	});

	it(`${placement}: none is not encrypted`, async () => {
		const error = await refused(
			() => detachMetadata([fromData({ a: "1", sop: "x" }) as MapNode], placement, "some"),
			"not-encrypted",
		);
		expect(error.details).toEqual({ format: "some" });
	});
}

it("fields with a prefix come from anywhere and go back there", () => {
	const text = (key: string) => entry(key, scalar({ type: "str", value: key }));
	const branch = map([
		text("sops_mac"),
		comment("c", false),
		text("a"),
		text("sops_x"),
		text("b"),
		text("sops_lastmodified"),
	]);
	const before = keys(branch);
	const detached = detachMetadata([branch], "prefix", "dotenv");
	expect(keys(branch)).toEqual(["#c", "a", "b"]);
	restoreMetadata(detached.places);
	expect(keys(branch)).toEqual(before);
});

it("`sops` without an underscore is a name like any other among flat ones", () => {
	expect(hasMetadata([fromData({ sops: "x", SOPS_A: "y" }) as MapNode], "prefix")).toBe(false);
	expect(hasMetadata([fromData({ sops_: "x" }) as MapNode], "prefix")).toBe(true);
	expect(hasMetadata([fromData({ sops_mac: "x" }) as MapNode], "nested")).toBe(false);
});

it("a section is refused when it stands twice or is no mapping", async () => {
	const twice = map([entry("sops", metadata()), entry("sops", metadata())]);
	await refused(() => detachMetadata([twice], "section", "ini"), "metadata-invalid");
	const value = fromData({ sops: "x" }) as MapNode;
	await refused(() => detachMetadata([value], "section", "ini"), "metadata-invalid");
});
