import { mkdir, mkdtemp, realpath, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { describeReference } from "@sopskit/reference/suite";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { A, B, C } from "../../../tools/vectors/config-cases.mjs";
import { isSopsError, type SopsError } from "../src/errors.ts";
import { type LoadConfigOptions, loadConfig } from "../src/files/load-config.ts";
import { resolveFileRule } from "../src/files/resolve-file-rule.ts";
import { misused, refused, thrownBy } from "./refusal.ts";

let root: string;
const below = (...names: string[]) => join(root, ...names);

/**
 * upper/.sops.yaml is A; upper/named/.sops.yml is B, which does not count; upper/own/.sops.yaml is C;
 * lone/.sops.yml is B; broken/.sops.yaml a folder; linked/.sops.yaml a link to nothing, and linked2's one to C.
 */
beforeAll(async () => {
	root = await realpath(await mkdtemp(join(tmpdir(), "sopskit-look-up-")));
	const write = async (name: string, recipient: string) => {
		await mkdir(join(below(name), ".."), { recursive: true });
		await writeFile(below(name), `creation_rules: [{path_regex: yaml$, age: ${recipient}}]\n`);
	};
	await write("upper/.sops.yaml", A);
	await write("upper/named/.sops.yml", B);
	await write("upper/named/deep/er/x", B);
	await write("upper/own/.sops.yaml", C);
	await write("upper/own/.sops.yml", B);
	await write("lone/.sops.yml", B);
	await write("other.yaml", B);
	await mkdir(below("upper/broken/.sops.yaml"), { recursive: true });
	await mkdir(below("upper/linked"));
	await symlink("nothing", below("upper/linked/.sops.yaml"));
	await mkdir(below("upper/linked2"));
	await symlink("../own/.sops.yaml", below("upper/linked2/.sops.yaml"));
	await mkdir(below(deep(100)), { recursive: true });
	await mkdir(below("bytes"));
	await writeFile(below("bytes/.sops.yaml"), Buffer.from([0x61, 0x3a, 0xff]));
	await mkdir(below("wide"));
	const text = `\ufeffcreation_rules: [{age: ${C}}]\n`;
	await writeFile(below("wide/.sops.yaml"), Buffer.from(text, "utf16le"));
});
afterAll(() => rm(root, { recursive: true, force: true }));

/** `n` folders below upper. */
function deep(n: number): string {
	return join("upper", ...Array.from({ length: n }, () => "d"));
}

/** Look-ups, and whose recipient they end at; absent: an error. */
const LOOK_UPS: readonly (readonly [string, LoadConfigOptions & { from: string }, string | undefined])[] = [
	["in the folder itself", { from: "upper/own" }, C],
	["above it", { from: "upper/named/deep/er" }, A],
	["in a folder without the right name", { from: "upper/named" }, A],
	["nowhere", { from: "." }, undefined],
	["only under another name", { from: "lone" }, undefined],
	["a folder under the name", { from: "upper/broken" }, undefined],
	["a link to nothing counts for nothing", { from: "upper/linked" }, A],
	["a link", { from: "upper/linked2" }, C],
	["a hundred folders, with its own", { from: deep(99) }, A],
	["more than a hundred folders", { from: deep(100) }, undefined],
	["UTF-16", { from: "wide" }, C],
	["SOPS_CONFIG", { from: "upper/own", environment: { SOPS_CONFIG: "../../other.yaml" } }, B],
	["SOPS_CONFIG that is empty", { from: "upper/own", environment: { SOPS_CONFIG: "" } }, C],
	["SOPS_CONFIG to nothing", { from: "upper/own", environment: { SOPS_CONFIG: "../none.yaml" } }, undefined],
	["a path", { from: "upper/own", path: "../.sops.yaml" }, A],
	[
		"a path before SOPS_CONFIG",
		{ from: "upper/own", path: "../.sops.yaml", environment: { SOPS_CONFIG: "../../other.yaml" } },
		A,
	],
];

/** As if the working directory were `from`. */
const placed = ({
	from,
	path,
	environment,
	...rest
}: LoadConfigOptions & { from: string }): LoadConfigOptions => ({
	...rest,
	from: below(from),
	...(path !== undefined && { path: below(from, String(path)) }),
	...(environment && {
		environment: environment.SOPS_CONFIG
			? { SOPS_CONFIG: below(from, environment.SOPS_CONFIG) }
			: environment,
	}),
});

describe("loadConfig", () => {
	for (const [name, options, recipient] of LOOK_UPS) {
		it(`${name}: ${recipient === undefined ? "refused" : "found"}`, async () => {
			const loading = loadConfig(placed(options));
			if (recipient === undefined) {
				await expect(loading).rejects.toSatisfy((thrown: unknown) => isSopsError(thrown));
				return;
			}
			const config = await loading;
			const rule = resolveFileRule(config, below(options.from, "secret.yaml"));
			expect(rule.keyGroups.map((group) => group.map(({ id }) => id))).toEqual([[recipient]]);
		});
	}

	it("looks from the working directory when nothing is said, and from the folder of a file", async () => {
		const before = process.cwd();
		try {
			process.chdir(below("upper/own"));
			expect((await loadConfig()).path).toBe(below("upper/own/.sops.yaml"));
			expect((await loadConfig({ file: "../named/deep/none.yaml" })).path).toBe(below("upper/.sops.yaml"));
			expect((await loadConfig({ path: "../.sops.yaml" })).path).toBe(below("upper/.sops.yaml"));
			const config = await loadConfig({ file: pathToFileURL(below("upper/named/x.yaml")) });
			expect(resolveFileRule(config, "x.yaml").path).toBe("own/x.yaml");
			expect(resolveFileRule(config, pathToFileURL(below("lone/x.yaml"))).path).toBe(below("lone/x.yaml"));
		} finally {
			process.chdir(before);
		}
	});

	it("reads no variable that was not passed", async () => {
		process.env.SOPS_CONFIG = below("other.yaml");
		try {
			expect((await loadConfig({ from: below("upper/own") })).path).toBe(below("upper/own/.sops.yaml"));
		} finally {
			delete process.env.SOPS_CONFIG;
		}
	});

	it("tells of a file under the wrong name", async () => {
		const config = await loadConfig({ from: below("upper/named/deep") });
		expect(config.findings.map(({ code }) => code)).toEqual(["config-misnamed"]);
		expect(config.findings[0]!.message).toContain(below("upper/named/.sops.yml"));
		expect((await loadConfig({ from: below("upper/own") })).findings).toEqual([]);
		const error = await refused(() => loadConfig({ from: below("lone") }), "config-not-found");
		expect(error.details).toEqual({ folder: below("lone"), misnamed: below("lone/.sops.yml") });
		expect(error.message).toContain("must be called .sops.yaml");
	});

	it("errors have the path", async () => {
		const inFile = async (code: SopsError["code"], options: LoadConfigOptions) => {
			const thrown = await thrownBy(() => loadConfig(options));
			expect(isSopsError(thrown, code)).toBe(true);
			expect((thrown as SopsError).message.startsWith(root)).toBe(true);
		};
		await inFile("file-unusable", { path: below("none.yaml") });
		await inFile("file-unusable", { from: below("upper/broken") });
		await inFile("syntax-invalid", { from: below("bytes") });
		await inFile("size-exceeded", { from: below("upper"), maxBytes: 10 });
		await refused(() => loadConfig({ from: below("upper"), signal: AbortSignal.abort() }), "aborted");
	});

	it("misuse is told apart", async () => {
		await misused(() => loadConfig({ from: "a", file: "b" }), "argument-invalid");
		await misused(() => loadConfig({ form: "a" } as never), "option-unknown");
		await misused(() => loadConfig({ path: 1 } as never), "argument-invalid");
		await misused(() => loadConfig({ path: "" }), "argument-invalid");
		await misused(() => loadConfig({ environment: "x" } as never), "argument-invalid");
		await misused(() => loadConfig(null as never), "argument-invalid");
		const config = await loadConfig({ from: below("upper") });
		await misused(() => resolveFileRule(config, 1 as never), "argument-invalid");
		await misused(() => resolveFileRule(undefined as never, "x"), "argument-invalid");
	});
});

describeReference("look-up as sops does it", (reference) => {
	for (const [name, { from, path, environment }, recipient] of LOOK_UPS) {
		it(name, async () => {
			const args = ["encrypt", "--filename-override", "secret.yaml", "--output-type", "json"];
			const run = await reference.runSops(path === undefined ? args : ["--config", String(path), ...args], {
				cwd: below(from),
				env: (environment ?? {}) as Record<string, string>,
				input: "a: 1\n",
			});
			expect(run.status === 0).toBe(recipient !== undefined);
			if (recipient !== undefined) expect(JSON.parse(run.stdout).sops.age[0].recipient).toBe(recipient);
		});
	}
});
