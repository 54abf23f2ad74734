// Entries of Huawei Cloud KMS, for which there is no provider: read, described, kept, and named where they are in the way.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describeReference } from "@sopskit/reference/suite";
import { describe, expect, it } from "vitest";
import { age, recipient } from "../../age/src/index.ts";
import {
	decryptDocument,
	encryptDocument,
	inspectDocument,
	isSopsError,
	rotateDocument,
	setValue,
	verifyDocument,
} from "../src/index.ts";
import { identityFile, recipientOf } from "./vector-files.ts";

const ID = "tr-west-1:abababab-1234-4321-abcd-0123456789ab";
const CREATED = "2026-01-02T03:04:05Z";
const providers = [age({ identities: identityFile("first") })];

/** The metadata is not covered by the MAC: an entry can be added by hand, as the reference writes it. */
async function made(format: "yaml" | "json" | "dotenv" | "ini"): Promise<string> {
	const keyGroups = [[recipient(recipientOf("first"))]];
	const plain = { yaml: "a: x\n", json: '{"a":"x"}', dotenv: "a=x\n", ini: "[s]\na = x\n" }[format];
	const { text } = await encryptDocument(plain, { format, keyGroups });
	const fields = { key_id: ID, created_at: CREATED, enc: "aGNrbXM=" };
	switch (format) {
		case "yaml": {
			const lines = Object.entries(fields).map(([name, value]) => `          ${name}: "${value}"`);
			return text.replace("\nsops:\n", `\nsops:\n    hckms:\n        -${lines.join("\n").slice(9)}\n`);
		}
		case "json":
			return text.replace(/"sops": \{/, (start) => `${start} "hckms": [${JSON.stringify(fields)}],`);
		default: {
			const [prefix, link] = format === "ini" ? ["", " = "] : ["sops_", "="];
			const lines = Object.entries(fields).map(
				([name, value]) => `${prefix}hckms__list_0__map_${name}${link}${value}`,
			);
			return `${text.trimEnd()}\n${lines.join("\n")}\n`;
		}
	}
}

const FORMATS = ["yaml", "json", "dotenv", "ini"] as const;

describe("an entry of Huawei Cloud KMS", () => {
	it.each(FORMATS)("in %s is described, and survives a change in both layouts", async (format) => {
		const text = await made(format);
		const keys = inspectDocument(text, { format }).groups.flat();
		expect(keys).toContainEqual(expect.objectContaining({ type: "hckms", id: ID, createdAt: CREATED }));
		const path = format === "ini" ? ["s", "a"] : ["a"];
		for (const layout of ["keep", "reference"] as const) {
			const next = await setValue(text, path, "y", { format, providers, layout });
			expect(next.changed).toBe(true);
			for (const part of [ID, CREATED, "aGNrbXM="]) expect(next.text.split(part)).toHaveLength(2);
			expect((await verifyDocument(next.text, { format, providers })).ok).toBe(true);
		}
	});

	it("stops a rotation by its name, and goes when it is dropped by name", async () => {
		const text = await made("yaml");
		const stopped = await rotateDocument(text, { format: "yaml", providers }).catch(
			(error: unknown) => error,
		);
		if (!isSopsError(stopped, "rewrap-impossible")) throw stopped;
		expect(stopped.message).toContain(ID);
		const { text: rotated } = await rotateDocument(text, { format: "yaml", providers, removeKeys: [ID] });
		expect(rotated).not.toContain(ID);
	});
});

describeReference("an entry of Huawei Cloud KMS, beside the reference", (reference) => {
	it.each(FORMATS)("in %s: both keep it, and each reads what the other wrote", async (format) => {
		const path = format === "ini" ? ["s", "a"] : ["a"];
		const ours = await setValue(await made(format), path, "y", { format, providers, layout: "reference" });
		const cwd = mkdtempSync(join(tmpdir(), "sopskit-huawei-"));
		try {
			const file = `f.${format === "dotenv" ? "env" : format}`;
			writeFileSync(join(cwd, file), ours.text);
			const env = { SOPS_AGE_KEY: identityFile("first") };
			const set = ["set", file, path.map((key) => `["${key}"]`).join(""), '"z"'];
			expect((await reference.runSops(set, { cwd, env })).status).toBe(0);
			const theirs = readFileSync(join(cwd, file), "utf8");
			expect(entryOf(theirs)).toEqual(entryOf(ours.text));
			const { data } = await decryptDocument(theirs, { format, providers });
			expect(data).toEqual(format === "ini" ? { DEFAULT: {}, s: { a: "z" } } : { a: "z" });
		} finally {
			rmSync(cwd, { recursive: true });
		}
	});
});

/** The lines of a file that belong to the entry. */
function entryOf(text: string): readonly string[] {
	const lines = text.split("\n").filter((line) => /hckms|key_id|created_at|enc\b.*aGNrbXM=/.test(line));
	expect(lines.length).toBeGreaterThanOrEqual(3);
	return lines;
}
