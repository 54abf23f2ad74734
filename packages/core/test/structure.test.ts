import { readdirSync, readFileSync } from "node:fs";
import { join, posix, relative, sep } from "node:path";
import { type BuildFailure, build } from "esbuild";
import { describe, expect, it } from "vitest";
import * as core from "../src/index.ts";

const SRC = join(import.meta.dirname, "..", "src");

/** File below src, with `/`, to what it imports: files below src, or packages by name. */
const IMPORTS: ReadonlyMap<string, readonly string[]> = new Map(
	readdirSync(SRC, { recursive: true, encoding: "utf8" })
		.map((file) => file.split(sep).join("/"))
		.filter((file) => file.endsWith(".ts"))
		.map((file) => [file, importsOf(file, readFileSync(join(SRC, file), "utf8"))]),
);

function importsOf(file: string, text: string): string[] {
	const code = text.replace(/\/\*[\s\S]*?\*\//g, "").replace(/^\s*\/\/.*$/gm, "");
	const from = /^(?:import|export)\b[^;]*?\bfrom\s*"([^"]+)"|^import\s*"([^"]+)"|\bimport\(\s*"([^"]+)"/gm;
	return [...code.matchAll(from)].map((match) => {
		const target = (match[1] ?? match[2] ?? match[3])!;
		return target.startsWith(".") ? posix.join(posix.dirname(file), target) : target;
	});
}

/**
 * The rooms of the house, lowest first, and what each may import beside itself: rooms above it in this table, and
 * packages (docs/architecture.md). A room is a folder, or a file that stands for one.
 */
const ROOMS: Readonly<Record<string, readonly string[]>> = {
	"usage-error": [],
	path: ["usage-error"],
	"clean-path": [],
	attempt: [],
	errors: ["path", "attempt"],
	finding: ["path"],
	options: ["usage-error"],
	leaf: [],
	tree: ["leaf", "path", "errors", "usage-error"],
	pattern: ["re2js"],
	selectors: ["errors", "pattern"],
	crypto: ["@noble/ciphers", "@noble/hashes", "node:crypto"],
	cipher: ["#crypto", "crypto", "leaf"],
	mac: ["#crypto"],
	"formats/codec": ["tree", "finding"],
	"formats/position": [],
	"formats/json": [
		...["formats/codec", "formats/position", "tree", "leaf", "path", "errors", "finding", "usage-error"],
	],
	"formats/yaml": ["formats/codec", "formats/position", "tree", "leaf", "path", "errors", "finding", "yaml"],
	"formats/dotenv": ["formats/codec", "tree", "leaf", "path", "errors", "finding"],
	"formats/ini": ["formats/codec", "formats/position", "tree", "leaf", "path", "errors", "finding"],
	"formats/binary": ["formats/codec", "formats/json", "tree", "leaf", "errors"],
	"formats/formats": [
		...["formats/codec", "formats/json", "formats/yaml", "formats/dotenv", "formats/ini", "formats/binary"],
		"usage-error",
	],
	keys: [
		"attempt",
		"clean-path",
		"crypto",
		"errors",
		"leaf",
		"path",
		"tree",
		"options",
		"usage-error",
		"shamir-secret-sharing",
	],
	metadata: ["formats/codec", "keys", "selectors", "tree", "leaf", "errors", "path", "finding"],
	config: [
		...["formats/yaml", "keys", "selectors", "pattern", "leaf", "clean-path"],
		...["options", "finding", "errors", "usage-error", "path"],
	],
	steps: [
		...["#crypto", "cipher", "mac", "metadata", "keys", "selectors", "tree", "leaf"],
		...["formats/codec", "formats/formats", "options", "finding", "errors", "usage-error", "path"],
		...["@standard-schema/spec", "node-diff3"],
	],
	operations: [
		...["#crypto", "steps", "cipher", "metadata", "keys", "selectors", "tree", "leaf"],
		...["formats/codec", "formats/formats", "options", "finding", "errors", "usage-error", "path"],
	],
	index: [
		"operations",
		"steps",
		"config",
		"keys",
		"selectors",
		"formats/formats",
		"tree",
		"attempt",
		"errors",
		"usage-error",
		"finding",
		"path",
	],
	files: [
		"operations",
		"steps",
		"config",
		"finding",
		"keys",
		"formats/formats",
		"options",
		"errors",
		"usage-error",
		"path",
		"node:*",
	],
	node: ["files"],
	provider: ["keys", "options"],
	network: ["keys", "options", "https-proxy-agent", "node:*"],
};

function roomOf(file: string): string {
	const parts = file.replace(/\.ts$/, "").split("/");
	return parts[0] === "formats" ? parts.slice(0, 2).join("/") : parts[0]!;
}

/** A package without its subpath. */
function packageOf(name: string): string {
	return name.startsWith("@") ? name.split("/").slice(0, 2).join("/") : name.split("/")[0]!;
}

function trespasses(imports: ReadonlyMap<string, readonly string[]>): string[] {
	const found: string[] = [];
	for (const [file, targets] of imports) {
		const room = roomOf(file);
		const allowed = ROOMS[room];
		if (allowed === undefined) {
			found.push(`${file} is in no room of the table`);
			continue;
		}
		for (const target of targets) {
			const inside = target.endsWith(".ts");
			const other = inside ? roomOf(target) : packageOf(target);
			const fits =
				(inside && other === room) ||
				allowed.includes(other) ||
				(other.startsWith("node:") && allowed.includes("node:*"));
			if (!fits) found.push(`${file} imports ${target}`);
		}
	}
	return found;
}

/** Circles of imports, each as the files on the way. */
function circles(imports: ReadonlyMap<string, readonly string[]>): string[] {
	const done = new Set<string>();
	const way: string[] = [];
	const found: string[] = [];
	const visit = (file: string): void => {
		const at = way.indexOf(file);
		if (at !== -1) found.push([...way.slice(at), file].join(" → "));
		if (at !== -1 || done.has(file)) return;
		way.push(file);
		for (const target of imports.get(file) ?? []) visit(target);
		way.pop();
		done.add(file);
	};
	for (const file of imports.keys()) visit(file);
	return found;
}

describe("imports", () => {
	it("are all found", () => {
		expect(IMPORTS.size).toBeGreaterThan(50);
		expect(IMPORTS.get("cipher.ts")).toEqual(
			expect.arrayContaining(["#crypto", "crypto/crypto.ts", "leaf/canonical.ts"]),
		);
		expect(IMPORTS.get("index.ts")).toContain("operations/decrypt.ts");
		for (const [file, targets] of IMPORTS) {
			for (const target of targets) {
				if (target.endsWith(".ts")) expect([...IMPORTS.keys()], file).toContain(target);
			}
		}
	});

	it("the table itself points one way", () => {
		const order = Object.keys(ROOMS);
		for (const [room, allowed] of Object.entries(ROOMS)) {
			for (const other of allowed) {
				if (order.includes(other) && other !== "yaml")
					expect(order.indexOf(other), `${room} imports ${other}`).toBeLessThan(order.indexOf(room));
			}
		}
	});

	it("go from a room to rooms above it only", () => {
		expect(trespasses(IMPORTS)).toEqual([]);
	});

	it("make no circle", () => {
		expect(circles(IMPORTS)).toEqual([]);
	});

	it("both checks find what they look for", () => {
		expect(
			trespasses(
				new Map([
					["formats/json/parse.ts", ["keys/contract.ts", "leaf/leaf.ts", "formats/yaml/yaml.ts", "yaml"]],
					["leaf/leaf.ts", ["tree/tree.ts", "leaf/time.ts"]],
					["tree/walk.ts", ["node:fs", "cipher.ts"]],
					["utils.ts", []],
				]),
			),
		).toEqual([
			"formats/json/parse.ts imports keys/contract.ts",
			"formats/json/parse.ts imports formats/yaml/yaml.ts",
			"formats/json/parse.ts imports yaml",
			"leaf/leaf.ts imports tree/tree.ts",
			"tree/walk.ts imports node:fs",
			"tree/walk.ts imports cipher.ts",
			"utils.ts is in no room of the table",
		]);
		const ring = new Map([
			["a.ts", ["b.ts"]],
			["b.ts", ["c.ts"]],
			["c.ts", ["b.ts"]],
		]);
		expect(circles(ring)).toEqual(["b.ts → c.ts → b.ts"]);
		expect(
			importsOf(
				"x/y.ts",
				'import type { A } from "../z.ts";\nexport {\n\tb,\n} from "./b.ts";\n// from "./no.ts"\nimport("node:fs");',
			),
		).toEqual(["z.ts", "x/b.ts", "node:fs"]);
	});

	it("of Node are in three places only", () => {
		const found = [...IMPORTS].filter(([, targets]) => targets.some((target) => target.startsWith("node:")));
		for (const [file] of found) expect(file).toMatch(/^crypto\/node\.ts$|^files\/|^network\//);
		expect(found.map(([file]) => file)).toContain("crypto/node.ts");
	});
});

describe("files", () => {
	const lines = (file: string): number => readFileSync(join(SRC, file), "utf8").split("\n").length - 1;
	/** Longer than they should be, until they are parted. */
	const TOO_LONG: readonly string[] = [
		"formats/json/parse.ts",
		"formats/json/patch.ts",
		"formats/yaml/emitter.ts",
		"formats/yaml/event-reader.ts",
		"formats/yaml/patch.ts",
	];

	it("are named after one concept", () => {
		const vague = /(?:^|\/)(?:utils?|helpers?|common|misc|shared|lib)(?:\/|\.ts$)/;
		expect([...IMPORTS.keys()].filter((file) => vague.test(file))).toEqual([]);
		expect(["utils.ts", "tree/helpers.ts", "common/x.ts"].every((file) => vague.test(file))).toBe(true);
	});

	it("have an index at the public edge only", () => {
		expect([...IMPORTS.keys()].filter((file) => file.endsWith("index.ts"))).toEqual(["index.ts"]);
	});

	it("have no more than 400 lines", () => {
		expect([...IMPORTS.keys()].filter((file) => lines(file) > 400 && !TOO_LONG.includes(file))).toEqual([]);
	});
});

describe("the portable half", () => {
	const KEPT_OUT = /openpgp|aws-sdk|grpc|google-cloud|@azure/;

	async function bundle(entry: string, conditions: readonly string[]) {
		const { metafile, outputFiles } = await build({
			entryPoints: [join(SRC, entry)],
			bundle: true,
			write: false,
			metafile: true,
			format: "esm",
			platform: "browser",
			logLevel: "silent",
			conditions: [...conditions],
		});
		const inputs = Object.keys(metafile.inputs).map((file) =>
			relative(SRC, join(process.cwd(), file)).split(sep).join("/"),
		);
		return { inputs, text: outputFiles[0]!.text };
	}

	it("is bundled for a browser without Node and without any SDK", async () => {
		const { inputs, text } = await bundle("index.ts", ["@sopskit/source"]);
		expect(inputs).toContain("crypto/portable.ts");
		expect(inputs).not.toContain("crypto/node.ts");
		expect(inputs.filter((file) => KEPT_OUT.test(file))).toEqual([]);
		expect(text).not.toMatch(/["']node:/);
		expect(text).not.toMatch(KEPT_OUT);
		expect(text).not.toMatch(/\brequire\(|\bprocess\.|\bBuffer\b/);
	});

	it("a leak would be found", async () => {
		const failure = await bundle("index.ts", ["@sopskit/source", "node"]).then(
			() => undefined,
			(error: BuildFailure) => error.errors.map(({ text }) => text).join("\n"),
		);
		expect(failure).toMatch(/node:crypto/);
	});
});

describe("the public surface", () => {
	const VALUES = [
		"ExtractedValue",
		"KeyError",
		"MaskedFile",
		"SopsError",
		"UsageError",
		"addKeyGroup",
		"bindKeyGroups",
		"cachingProvider",
		"decryptDocument",
		"decryptObject",
		"deleteKeyGroup",
		"editDocument",
		"encryptDocument",
		"encryptionStatus",
		"extractValue",
		"float",
		"formatOfPath",
		"formatPath",
		"inspectDocument",
		"int",
		"isKeyError",
		"isSopsError",
		"maskDocument",
		"mergeDocuments",
		"parseConfig",
		"parseKeyList",
		"parsePath",
		"planEncryption",
		"planKeyUpdate",
		"resolveRule",
		"rotateDocument",
		"setValue",
		"timestamp",
		"unsetValue",
		"untilAborted",
		"updateDocument",
		"updateKeys",
		"verifyDocument",
	];
	const TYPES = [
		"AddGroupOptions",
		"Attempt",
		"AttemptOutcome",
		"CommonOptions",
		"Config",
		"ConfigProblem",
		"CreationRule",
		"Data",
		"DataKeyCacheOptions",
		"DataOf",
		"DataOptions",
		"DecryptObjectOptions",
		"DecryptOptions",
		"DecryptedDocument",
		"DeleteGroupOptions",
		"Destination",
		"DestinationRule",
		"Draft",
		"EditOptions",
		"EncryptOptions",
		"EncryptedFile",
		"EncryptionPlan",
		"EncryptionStatus",
		"ErrorCode",
		"ErrorDetails",
		"Expectation",
		"Finding",
		"FindingCode",
		"Format",
		"GroupChange",
		"GroupOptions",
		"InspectOptions",
		"InspectedKey",
		"Inspection",
		"ItemField",
		"KeyCall",
		"KeyEntry",
		"KeyFields",
		"KeyGroup",
		"KeyListOptions",
		"KeyOptions",
		"KeyProvider",
		"KeyRef",
		"KeyTarget",
		"KeyType",
		"KeyUpdatePlan",
		"Layout",
		"ListSettings",
		"MaskOptions",
		"MasterKey",
		"MergeConflict",
		"MergeInput",
		"Merged",
		"NewPlaintext",
		"NewValue",
		"NotMine",
		"ParseConfigOptions",
		"PassedRule",
		"Path",
		"PlanEncryptionOptions",
		"PlanOptions",
		"Problem",
		"ResolvedRule",
		"RotateOptions",
		"RuleOptions",
		"RuleSettings",
		"RuleSyntax",
		"Selector",
		"SelectorName",
		"SelectorOptions",
		"StandardSchemaV1",
		"StoreOptions",
		"Stores",
		"TextOptions",
		"TypedValue",
		"UnwrapAnyResult",
		"UpdateKeysOptions",
		"UpdateOptions",
		"Verification",
		"VerifyOptions",
	];

	it("has these values", () => {
		expect(Object.keys(core).sort()).toEqual(VALUES);
	});

	it("has these types", () => {
		const text = readFileSync(join(SRC, "index.ts"), "utf8");
		const types = [...text.matchAll(/export (type )?\{([^}]*)\}/g)].flatMap(([, all, names]) =>
			names!
				.split(",")
				.map((name) => name.trim())
				.filter((name) => name !== "" && (all !== undefined || name.startsWith("type ")))
				.map((name) => name.replace(/^type /, "")),
		);
		expect(types.sort()).toEqual(TYPES);
		expect(text).not.toMatch(/export \*/);
	});
});
