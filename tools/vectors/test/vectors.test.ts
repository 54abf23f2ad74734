import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Format } from "@sopskit/reference";
import { describeReference } from "@sopskit/reference/suite";
import { describe, expect, it } from "vitest";
import type { ErrorCode } from "../../../packages/core/src/errors.ts";
import { seedsIn } from "../../fuzz/seeds.ts";
import { cases } from "../cases.mjs";
import { damages } from "../damage.mjs";
import { seedDamages, spliceTo, type Variant, variantsOf } from "../seed-cases.mjs";

const vectors = join(import.meta.dirname, "..", "..", "..", "vectors");
const extensions = { yaml: "yaml", json: "json", dotenv: "env", ini: "ini", binary: "bin" };

/** The codes that the vectors ask for; the type holds them to those that exist. */
const codes: readonly ErrorCode[] = [
	"data-key-unavailable",
	"mac-damaged",
	"mac-mismatch",
	"mac-missing",
	"metadata-invalid",
	"not-encrypted",
	"selector-conflict",
	"syntax-invalid",
	"value-damaged",
	"value-not-encrypted",
];

interface Recorded {
	readonly format: Format;
	readonly dataKey: string;
	readonly mac: string;
	readonly identities: readonly string[];
	readonly damaged: readonly {
		readonly name: string;
		readonly file: string;
		readonly expect: ErrorCode;
		readonly identities: readonly string[];
		readonly reference: "refuses" | "accepts" | "panics";
	}[];
}

const recorded = (name: string): Recorded =>
	JSON.parse(readFileSync(join(vectors, name, "case.json"), "utf8"));
const identity = (names: readonly string[]) =>
	names.map((name) => readFileSync(join(vectors, "keys", `${name}.txt`), "utf8")).join("\n");

describe("vectors", () => {
	it("there is a folder for every case and a case for every folder", () => {
		const folders = Object.keys(extensions).flatMap((format) =>
			readdirSync(join(vectors, format)).map((name) => `${format}/${name}`),
		);
		expect(folders.sort()).toEqual(cases.map((made) => made.name).sort());
	});

	it("every code is asked for somewhere", () => {
		const asked = cases.flatMap((made) => recorded(made.name).damaged.map((twin) => twin.expect));
		expect([...new Set(asked)].sort()).toEqual(codes);
	});

	for (const made of cases) {
		it(`${made.name}: the files are those that the script makes`, () => {
			const { format, damaged } = recorded(made.name);
			const file = (name: string) => readFileSync(join(vectors, made.name, name));
			const extension = extensions[format];
			expect(file(`plain.${extension}`)).toEqual(Buffer.from(made.plain));
			const twins = damages(made, format, file(`encrypted.${extension}`).toString("utf8"));
			expect(damaged.map((twin) => twin.name)).toEqual(twins.map((twin) => twin.name));
			for (const [index, twin] of twins.entries()) {
				expect(file(damaged[index]!.file).toString("utf8")).toBe(twin.text);
			}
			const folder = join(vectors, made.name, "damaged");
			expect(existsSync(folder) ? readdirSync(folder).length : 0).toBe(
				damaged.filter((twin) => twin.file.startsWith("damaged/")).length,
			);
		});
	}
});

describeReference("vectors against the reference", (reference) => {
	for (const made of cases) {
		it(made.name, async () => {
			const { format, dataKey, mac, identities, damaged } = recorded(made.name);
			const file = (name: string) => readFileSync(join(vectors, made.name, name));
			const extension = extensions[format];
			const text = file(`encrypted.${extension}`);
			const byIdentity = await reference.oracle.call("decrypt", {
				format,
				text,
				ageIdentity: identity(identities),
			});
			expect(byIdentity.bytes).toEqual(file(`decrypted.${extension}`));
			expect(byIdentity.tree).toEqual(JSON.parse(file("tree.json").toString("utf8")));
			expect(byIdentity.dataKey.toString("base64")).toBe(dataKey);
			expect(byIdentity.storedMac).toBe(mac);
			const byDataKey = await reference.oracle.call("decrypt", {
				format,
				text,
				dataKey: Buffer.from(dataKey, "base64"),
			});
			expect(byDataKey.bytes).toEqual(byIdentity.bytes);

			for (const twin of damaged) {
				const outcome = await reference.oracle
					.call("decrypt", { format, text: file(twin.file), ageIdentity: identity(twin.identities) })
					.then(
						() => "accepts",
						(error: { panic: boolean }) => (error.panic ? "panics" : "refuses"),
					);
				expect(`${twin.name} ${outcome}`).toBe(`${twin.name} ${twin.reference}`);
			}
		});
	}
});

interface SeedRecord {
	readonly extension: string;
	readonly unreadable: readonly Variant[];
	readonly variants: readonly {
		readonly asked: Variant;
		readonly identities: readonly string[];
		readonly decrypted: string;
		readonly tree: string;
		readonly dataKey: string;
		readonly mac: string;
		readonly damaged: readonly {
			readonly name: string;
			readonly at: number;
			readonly remove: number;
			readonly insert: string;
		}[];
	}[];
}

const seeds = seedsIn(join(vectors, "..", "tools", "fuzz", "seeds"));
const seedRecords = (Object.keys(extensions) as Format[]).flatMap((format) =>
	seeds(format).map((seed) => {
		const folder = join(vectors, "seeds", format, seed.name);
		const record: SeedRecord = JSON.parse(readFileSync(join(folder, "case.json"), "utf8"));
		return { format, seed, folder, record };
	}),
);

describe("vectors of seeds", () => {
	it("there is a folder for every seed and no other", () => {
		const folders = (Object.keys(extensions) as Format[]).flatMap((format) =>
			readdirSync(join(vectors, "seeds", format)).map((name) => `${format}/${name}`),
		);
		expect(folders.sort()).toEqual(seedRecords.map(({ format, seed }) => `${format}/${seed.name}`).sort());
	});

	for (const { format, seed, folder, record } of seedRecords) {
		it(`${format}/${seed.name}: the files are those that the script makes`, () => {
			expect(readFileSync(join(folder, `plain.${record.extension}`))).toEqual(Buffer.from(seed.bytes));
			const made = [...record.variants.map(({ asked }) => asked), ...record.unreadable];
			expect(made.map(({ name }) => name).sort()).toEqual(
				variantsOf(format)
					.map(({ name }) => name)
					.sort(),
			);
			for (const { asked, damaged } of record.variants) {
				const text = readFileSync(join(folder, `${asked.name}.${record.extension}`)).toString("latin1");
				const twins = seedDamages(format, text);
				expect(damaged.map(({ name }) => name)).toEqual(twins.map(({ name }) => name));
				for (const [i, { at, remove, insert }] of damaged.entries())
					expect([at, remove, insert]).toEqual([...spliceTo(text, twins[i]!.text)]);
			}
		});
	}
});

describeReference("vectors of seeds against the reference", (reference) => {
	for (const { format, seed, folder, record } of seedRecords) {
		it(`${format}/${seed.name}`, async () => {
			for (const variant of record.variants) {
				const file = (name: string) => readFileSync(join(folder, name));
				const read = await reference.oracle.call("decrypt", {
					format,
					text: file(`${variant.asked.name}.${record.extension}`),
					ageIdentity: identity(variant.identities),
				});
				expect(read.bytes).toEqual(file(variant.decrypted));
				expect(read.tree).toEqual(JSON.parse(file(variant.tree).toString("utf8")));
				expect(read.dataKey.toString("base64")).toBe(variant.dataKey);
				expect(read.storedMac).toBe(variant.mac);
			}
		});
	}
});
