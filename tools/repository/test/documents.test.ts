import { execFile } from "node:child_process";
import { copyFileSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { type BuildOptions, build, type Plugin } from "esbuild";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

// Every block of code in a document for users runs, or says that it is a fragment: "```js fragment".
// A line "console.log(…); // → text" must print that text.

const root = join(import.meta.dirname, "..", "..", "..");
const vectors = join(root, "vectors");
const keyFile = join(vectors, "keys", "first.txt");

const documents = [
	"README.md",
	...readdirSync(join(root, "docs"), { recursive: true, encoding: "utf8" })
		.map((name) => `docs/${name.replaceAll("\\", "/")}`)
		.filter((name) => name.endsWith(".md") && !name.startsWith("docs/api/")),
	...readdirSync(join(root, "packages")).map((name) => `packages/${name}/README.md`),
	...readdirSync(join(root, "examples")).map((name) => `examples/${name}/README.md`),
];

interface Block {
	readonly line: number;
	readonly info: string;
	readonly code: string;
}

function blocksOf(text: string): Block[] {
	const blocks: Block[] = [];
	let open: { line: number; info: string; lines: string[] } | undefined;
	for (const [index, line] of text.split("\n").entries()) {
		if (open === undefined) {
			const info = /^ *```(.*)$/.exec(line)?.[1];
			if (info !== undefined) open = { line: index + 1, info: info.trim(), lines: [] };
		} else if (/^ *```$/.test(line)) {
			blocks.push({ line: open.line, info: open.info, code: open.lines.join("\n") });
			open = undefined;
		} else open.lines.push(line);
	}
	return blocks;
}

const isCode = ({ info }: Block): boolean => /^(?:[jt]sx?|mjs|javascript|typescript)\b/.test(info);
const isFragment = ({ info }: Block): boolean => /^\w+ fragment$/.test(info);

/** A package's own folder resolves the package by its name. */
const fromSource: Plugin = {
	name: "packages from source",
	setup({ onResolve, resolve }) {
		onResolve({ filter: /^(?:sopskit|@sopskit\/[\w-]+)(?:\/|$)/ }, ({ path, kind, pluginData }) => {
			if (pluginData === "own") return undefined;
			const name = /^(?:@sopskit\/)?([\w-]+)/.exec(path)![1]!;
			// One that may be installed and is not.
			if (!existsSync(join(root, "packages", name))) return undefined;
			return resolve(path, { kind, resolveDir: join(root, "packages", name), pluginData: "own" });
		});
	},
};

const bundling: BuildOptions = {
	bundle: true,
	write: true,
	format: "esm",
	platform: "node",
	target: "node20",
	logLevel: "silent",
	conditions: ["@sopskit/source", "node", "import"],
	plugins: [fromSource],
	banner: {
		js: 'import { createRequire as __createRequire } from "node:module"; const require = __createRequire(import.meta.url);',
	},
};

let folder: string;
beforeAll(() => {
	folder = mkdtempSync(join(tmpdir(), "sopskit-documents-"));
});
afterAll(() => rmSync(folder, { recursive: true }));

/** Runs a block in a folder with an encrypted and a plain Secret, and an environment that holds the key. */
async function run(block: Block, name: string): Promise<{ output: string; failure: string | undefined }> {
	const outfile = join(folder, `${name.replace(/\W+/g, "-")}.mjs`);
	await build({
		...bundling,
		stdin: { contents: block.code, loader: /^t/.test(block.info) ? "ts" : "js", resolveDir: root },
		outfile,
	});
	const cwd = mkdtempSync(join(folder, "run-"));
	const secret = join(vectors, "yaml", "kubernetes-secret");
	copyFileSync(join(secret, "encrypted.yaml"), join(cwd, "secret.yaml"));
	copyFileSync(join(secret, "plain.yaml"), join(cwd, "plain.yaml"));
	const env = {
		PATH: process.env.PATH,
		HOME: cwd,
		SOPS_AGE_KEY_FILE: keyFile,
		SOPS_AGE_RECIPIENTS: /age1\w+/.exec(readFileSync(keyFile, "utf8"))![0],
	};
	return new Promise((resolve) => {
		execFile(process.execPath, [outfile], { cwd, env }, (error, stdout, stderr) => {
			resolve({ output: stdout, failure: error === null ? undefined : `${stdout}${stderr}` });
		});
	});
}

for (const document of documents.filter((name) => existsSync(join(root, name)))) {
	const text = readFileSync(join(root, document), "utf8");
	describe(document, () => {
		for (const block of blocksOf(text).filter((one) => isCode(one) && !isFragment(one))) {
			const name = `${document}:${block.line}`;
			it(`${name} runs`, async () => {
				const { output, failure } = await run(block, name);
				expect(failure).toBeUndefined();
				const promised = [...block.code.matchAll(/console\.log\(.*\);? \/\/ → (.*)$/gm)].map(
					([, what]) => what,
				);
				const printed = output.split("\n");
				expect(promised.filter((what) => !printed.includes(what!))).toEqual([]);
			});
		}

		it(`${document} links to files that exist`, () => {
			const prose = text.replace(/^ *```[\s\S]*?^ *```$/gm, "").replace(/`[^`\n]*`/g, "");
			const targets = [...prose.matchAll(/\]\(([^)\s]+)\)/g)].map(([, target]) => target!.split("#")[0]!);
			const local = targets.filter((target) => target !== "" && !/^[a-z]+:/.test(target));
			expect(local.filter((target) => !existsSync(join(root, dirname(document), target)))).toEqual([]);
		});
	});
}

it("documents are found, and marks are understood", () => {
	expect(documents).toContain("README.md");
	expect(documents).toContain("docs/architecture.md");
	expect(documents).toContain("packages/age/README.md");
	const blocks = blocksOf("```js\na\n```\n\n```ts fragment\nb\n```\n```sh\nc\n```\n");
	expect(blocks.map((block) => [isCode(block), isFragment(block)])).toEqual([
		[true, false],
		[true, true],
		[false, false],
	]);
});
