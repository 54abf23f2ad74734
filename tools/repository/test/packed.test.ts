import { spawnSync } from "node:child_process";
import {
	existsSync,
	mkdirSync,
	mkdtempSync,
	readdirSync,
	readFileSync,
	realpathSync,
	rmSync,
	statSync,
	writeFileSync,
} from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join, relative, sep } from "node:path";
import { createContext, Script } from "node:vm";
import { build } from "esbuild";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

// What users get: the packages as npm would publish them, installed together in an empty project.

const root = join(import.meta.dirname, "..", "..", "..");
const packages = readdirSync(join(root, "packages"));
const vector = join(root, "vectors", "yaml", "kubernetes-secret");
const recorded = JSON.parse(readFileSync(join(vector, "case.json"), "utf8"));
const decrypted = readFileSync(join(vector, "decrypted.yaml"), "utf8");
const keyFile = readFileSync(join(root, "vectors", "keys", "first.txt"), "utf8");
const ageKey = {
	recipient: /age1\w+/.exec(keyFile)![0],
	identity: /AGE-SECRET-KEY-1\w+/.exec(keyFile)![0],
};

let folder: string;
let project: string;
/** Name of each package to the files of its tarball. */
const contents = new Map<string, readonly string[]>();

/** Runs a program to its end. Its own settings only: no variables of the workspace's package manager. */
function run(command: string, args: readonly string[], cwd: string): string {
	const env = Object.fromEntries(
		Object.entries(process.env).filter(([name]) => !/^(npm_|PNPM_|VITEST|NODE_OPTIONS)/i.test(name)),
	);
	const result = spawnSync(command, args, {
		cwd,
		env,
		encoding: "utf8",
		shell: process.platform === "win32",
	});
	if (result.status !== 0)
		throw new Error(
			`${command} ${args.join(" ")} failed (${result.error ?? result.status}):\n${result.stdout}\n${result.stderr}`,
		);
	return result.stdout;
}

function pnpm(args: readonly string[], cwd: string): string {
	const pinned = /"(pnpm@[\d.]+)"/.exec(readFileSync(join(root, "tools", "bootstrap.mjs"), "utf8"))![1]!;
	return run("npx", ["--yes", pinned, ...args], cwd);
}

/** The newest change below a folder. */
function newest(below: string): number {
	const files = readdirSync(below, { recursive: true, encoding: "utf8" });
	return Math.max(0, ...files.map((file) => statSync(join(below, file)).mtimeMs));
}

/** `npm test` has built already; a single test run may not have. */
function isBuilt(name: string): boolean {
	const at = join(root, "packages", name);
	const declarations = join(at, "dist", "index.d.ts");
	return existsSync(declarations) && statSync(declarations).mtimeMs > newest(join(at, "src"));
}

function inProject(file: string, text: string): string {
	const path = join(project, file);
	writeFileSync(path, text);
	return path;
}

beforeAll(() => {
	folder = realpathSync(mkdtempSync(join(tmpdir(), "sopskit-packed-")));
	project = join(folder, "project");
	mkdirSync(project);
	if (!packages.every(isBuilt)) pnpm(["-r", "--filter", "./packages/*", "run", "build"], root);
	const tarballs = packages.map((name) => {
		const before = new Set(readdirSync(folder));
		pnpm(["pack", "--pack-destination", folder], join(root, "packages", name));
		const tarball = readdirSync(folder).find((file) => file.endsWith(".tgz") && !before.has(file))!;
		const listed = run("tar", ["-tzf", tarball], folder).trim().split("\n");
		contents.set(name, listed.map((file) => file.replace(/^package\//, "")).sort());
		return join(folder, tarball);
	});
	inProject("package.json", JSON.stringify({ name: "project", private: true, type: "module" }));
	run(
		"npm",
		["install", "--prefer-offline", "--no-audit", "--no-fund", "--ignore-scripts", ...tarballs],
		project,
	);
}, 240_000);

afterAll(() => {
	if (folder !== undefined) rmSync(folder, { recursive: true, force: true });
});

/** Decrypts the vector with its recorded data key; the programs below define `decryptDocument` before it. */
const decryptVector = `
	const provider = { name: "recorded", masterKey: (ref) => ({ ref, unwrap: async () => Uint8Array.from(${JSON.stringify([...Buffer.from(recorded.dataKey, "base64")])}) }) };
	const text = ${JSON.stringify(readFileSync(join(vector, "encrypted.yaml"), "utf8"))};
	const decryptVector = async () => (await decryptDocument(text, { format: "yaml", providers: [provider] })).text();
`;

describe("the tarballs", () => {
	for (const name of packages) {
		it(`${name}: what was built, and nothing of the sources`, () => {
			const files = contents.get(name)!;
			expect(files).toEqual(
				expect.arrayContaining(["LICENSE", "package.json", "dist/index.js", "dist/index.d.ts"]),
			);
			if (existsSync(join(root, "packages", name, "README.md"))) expect(files).toContain("README.md");
			const other = files.filter(
				(file) => !/^(LICENSE|README\.md|package\.json|dist\/.*\.(js|d\.ts|js\.map))$/.test(file),
			);
			expect(other).toEqual([]);
		});

		it(`${name}: names versions, not the workspace`, () => {
			const at = join(project, "node_modules", name === "sopskit" ? name : `@sopskit/${name}`);
			const text = readFileSync(join(at, "package.json"), "utf8");
			expect(text).not.toMatch(/workspace:|catalog:|link:|file:/);
			const { dependencies = {}, peerDependencies = {}, license, engines } = JSON.parse(text);
			for (const version of Object.values({ ...dependencies, ...peerDependencies }))
				expect(version).toMatch(/^[\^~]?\d/);
			expect(license).toBe("MIT");
			expect(engines.node).toBe(">=20.19");
		});
	}

	it("are all installed, and resolve to one core", () => {
		const scope = readdirSync(join(project, "node_modules", "@sopskit")).sort();
		expect(["sopskit", ...scope].sort()).toEqual([...packages].sort());
		for (const name of packages) {
			const at = join(project, "node_modules", name === "sopskit" ? name : `@sopskit/${name}`);
			expect(existsSync(join(at, "node_modules", "@sopskit"))).toBe(false);
		}
	});
});

describe("on Node", () => {
	it("import works, decrypts a vector, and does so with node:crypto", () => {
		const program = inProject(
			"import.mjs",
			`import crypto from "node:crypto";
			import { syncBuiltinESMExports } from "node:module";
			let calls = 0;
			const { createDecipheriv } = crypto;
			crypto.createDecipheriv = (...args) => (calls++, createDecipheriv(...args));
			syncBuiltinESMExports();
			const { decryptDocument } = await import("@sopskit/core");
			${decryptVector}
			const plain = await decryptVector();
			process.stdout.write(JSON.stringify({ calls, plain }));`,
		);
		const { calls, plain } = JSON.parse(run(process.execPath, [program], project));
		expect(plain).toBe(decrypted);
		expect(calls).toBeGreaterThan(5);
	});

	it("age opens X25519 keys with node:crypto", () => {
		const program = inProject(
			"asymmetric.mjs",
			`import crypto from "node:crypto";
			import { syncBuiltinESMExports } from "node:module";
			let calls = 0;
			const { diffieHellman } = crypto;
			crypto.diffieHellman = (...args) => (calls++, diffieHellman(...args));
			syncBuiltinESMExports();
			const { age, recipient } = await import("@sopskit/age");
			const key = recipient(${JSON.stringify(ageKey.recipient)});
			const enc = await key.wrap(new Uint8Array(32), {});
			const part = await age({ identities: ${JSON.stringify(ageKey.identity)} }).masterKey(key.ref).unwrap(enc, {});
			process.stdout.write(JSON.stringify([calls, part.length]));`,
		);
		expect(JSON.parse(run(process.execPath, [program], project))).toEqual([2, 32]);
	});

	it("#crypto is the node backend", () => {
		// In a process of its own: the test's has the workspace's conditions.
		const core = join(project, "node_modules", "@sopskit", "core", "dist", "index.js");
		const program = `import { createRequire } from "node:module";
			const path = createRequire(${JSON.stringify(core)}).resolve("#crypto");
			const { crypto } = await import(path);
			process.stdout.write(crypto.backend);`;
		expect(run(process.execPath, ["--input-type=module", "-e", program], project)).toBe("node");
	});

	it("require() works", () => {
		const program = inProject(
			"require.cjs",
			`const { decryptDocument } = require("@sopskit/core");
			const { age } = require("@sopskit/age");
			if (typeof age !== "function") throw new Error("no age");
			${decryptVector}
			decryptVector().then((plain) => process.stdout.write(plain));`,
		);
		expect(run(process.execPath, ["--no-warnings", program], project)).toBe(decrypted);
	});

	it("every entry point loads both ways", () => {
		const entries = packages.flatMap((name) => {
			const id = name === "sopskit" ? name : `@sopskit/${name}`;
			const { exports } = JSON.parse(readFileSync(join(project, "node_modules", id, "package.json"), "utf8"));
			return Object.keys(exports).map((path) => id + path.slice(1));
		});
		expect(entries).toEqual(expect.arrayContaining(["@sopskit/core/node", "@sopskit/age/node"]));
		const list = JSON.stringify(entries);
		run(
			process.execPath,
			["--input-type=module", "-e", `for (const entry of ${list}) await import(entry);`],
			project,
		);
		const require = `for (const entry of ${list}) require(entry);`;
		run(process.execPath, ["--no-warnings", "--input-type=commonjs", "-e", require], project);
	});

	it("age decrypts with an identity", () => {
		const identity = readFileSync(join(root, "vectors", "keys", "first.txt"), "utf8");
		const program = inProject(
			"age.mjs",
			`import { decryptDocument } from "@sopskit/core";
			import { age } from "@sopskit/age";
			${decryptVector}
			const providers = [age({ identities: ${JSON.stringify(identity)} })];
			process.stdout.write((await decryptDocument(text, { format: "yaml", providers })).text());`,
		);
		expect(run(process.execPath, [program], project)).toBe(decrypted);
	});
});

describe("in a browser's bundle", () => {
	const bundle = async (conditions: readonly string[], platform: "browser" | "node") => {
		const entry = inProject(
			"browser.mjs",
			`import { decryptDocument } from "@sopskit/core";
			${decryptVector}
			globalThis.answer = decryptVector();`,
		);
		const { metafile, outputFiles } = await build({
			absWorkingDir: project,
			entryPoints: [entry],
			bundle: true,
			write: false,
			metafile: true,
			format: "iife",
			platform,
			conditions: [...conditions],
			logLevel: "silent",
		});
		const inputs = Object.keys(metafile.inputs).map((file) =>
			relative(project, join(project, file)).split(sep).join("/"),
		);
		return { inputs, text: outputFiles[0]!.text };
	};
	const backend = (name: string): string => `node_modules/@sopskit/core/dist/crypto/${name}.js`;

	it("noble is in it, Node is not, and it decrypts where there is no process and no require", async () => {
		const { inputs, text } = await bundle([], "browser");
		expect(inputs).toContain(backend("portable"));
		expect(inputs).not.toContain(backend("node"));
		expect(inputs.some((file) => file.includes("@noble/ciphers"))).toBe(true);
		expect(text).not.toMatch(/["']node:/);
		// What browsers and Node have alike, and nothing else.
		const { TextEncoder, TextDecoder, crypto, atob, btoa } = globalThis;
		const context = createContext({ TextEncoder, TextDecoder, crypto, atob, btoa });
		new Script(
			"if (typeof process + typeof require + typeof Buffer !== 'undefined'.repeat(3)) throw new Error('not a browser')",
		).runInContext(context);
		new Script(text).runInContext(context);
		expect(await (context as { answer?: Promise<string> }).answer).toBe(decrypted);
	});

	it("age is in it without anything of Node", async () => {
		const entry = inProject(
			"browser-age.mjs",
			'import { age } from "@sopskit/age"; globalThis.provider = age();',
		);
		const { metafile, outputFiles } = await build({
			absWorkingDir: project,
			entryPoints: [entry],
			bundle: true,
			write: false,
			metafile: true,
			format: "iife",
			platform: "browser",
			logLevel: "silent",
		});
		const inputs = Object.keys(metafile.inputs);
		expect(inputs.some((file) => file.endsWith("age/dist/asymmetric/portable.js"))).toBe(true);
		expect(inputs.filter((file) => /asymmetric\/node\.js$|bcrypt-pbkdf/.test(file))).toEqual([]);
		expect(outputFiles[0]!.text).not.toMatch(/["']node:/);
	});

	it("a bundle for Node has the other one", async () => {
		const { inputs } = await bundle([], "node");
		expect(inputs).toContain(backend("node"));
		expect(inputs).not.toContain(backend("portable"));
	});
});

describe("the declarations", () => {
	for (const [module, moduleResolution] of [
		["nodenext", "nodenext"],
		["esnext", "bundler"],
	] as const) {
		it(`resolve with moduleResolution ${moduleResolution}`, () => {
			inProject(
				"consumer.mts",
				`import { decryptDocument, type KeyProvider, isSopsError } from "@sopskit/core";
				import { age, recipient } from "@sopskit/age";
				const providers: readonly KeyProvider[] = [age({ identities: "x" })];
				const doc = await decryptDocument("a: 1", { format: "yaml", providers });
				export const mac: "verified" | "ignored" = doc.mac;
				export const id: string = recipient("age1").ref.id;
				export const coded = (thrown: unknown): string => (isSopsError(thrown, "value-damaged") ? String(thrown.details.path) : "");
				// @ts-expect-error: there is no such format
				await decryptDocument("a: 1", { format: "xml", providers });
				// @ts-expect-error: nor such an option
				await decryptDocument("a: 1", { format: "yaml", providers, ignoreMAC: true });\n`,
			);
			inProject(
				"tsconfig.json",
				JSON.stringify({
					compilerOptions: {
						...{ module, moduleResolution, target: "es2023", lib: ["es2023", "dom"], types: [] },
						...{ strict: true, exactOptionalPropertyTypes: true, skipLibCheck: false, noEmit: true },
					},
					files: ["consumer.mts"],
				}),
			);
			const tsc = createRequire(join(root, "package.json")).resolve("typescript/bin/tsc");
			run(process.execPath, [tsc, "-p", "."], project);
		});
	}
});
