import { readdirSync, readFileSync } from "node:fs";
import { join, posix, sep } from "node:path";
import { build } from "esbuild";
import { describe, expect, it } from "vitest";
import * as age from "../src/index.ts";
import * as node from "../src/node.ts";

const SRC = join(import.meta.dirname, "..", "src");
const files = readdirSync(SRC, { recursive: true, encoding: "utf8" })
	.map((file) => file.split(sep).join("/"))
	.filter((file) => file.endsWith(".ts"));

function importsOf(file: string): string[] {
	const code = readFileSync(join(SRC, file), "utf8").replace(/\/\*[\s\S]*?\*\/|^\s*\/\/.*$/gm, "");
	const from = /^(?:import|export)\b[^;]*?\bfrom\s*"([^"]+)"|^import\s*"([^"]+)"/gm;
	return [...code.matchAll(from)].map(([, named, bare]) => {
		const target = (named ?? bare)!;
		return target.startsWith(".") ? posix.join(posix.dirname(file), target) : target;
	});
}

describe("imports", () => {
	it("make no circle", () => {
		const found: string[] = [];
		const done = new Set<string>();
		const visit = (file: string, way: readonly string[]): void => {
			if (way.includes(file)) found.push([...way, file].join(" → "));
			if (way.includes(file) || done.has(file)) return;
			for (const target of importsOf(file)) if (target.endsWith(".ts")) visit(target, [...way, file]);
			done.add(file);
		};
		for (const file of files) visit(file, []);
		expect(found).toEqual([]);
	});

	it("of Node are behind the edge for Node only", () => {
		const isNode = (file: string): boolean => /^node(?:\.ts$|\/)|^asymmetric\/node\.ts$/.test(file);
		const users = files.filter((file) => importsOf(file).some((target) => target.startsWith("node:")));
		expect(users.filter((file) => !isNode(file))).toEqual([]);
		expect(users).toContain("node/plugin-process.ts");
		const crossing = files.filter((file) => !isNode(file) && importsOf(file).some(isNode));
		expect(crossing).toEqual([]);
	});

	it("load no cryptography before the first wrap or unwrap", async () => {
		const { metafile } = await build({
			entryPoints: [join(SRC, "index.ts")],
			bundle: true,
			splitting: true,
			write: false,
			metafile: true,
			format: "esm",
			outdir: "out",
			conditions: ["@sopskit/source", "node"],
			platform: "node",
			logLevel: "silent",
		});
		const [, first] = Object.entries(metafile.outputs).find(([, { entryPoint }]) =>
			entryPoint?.endsWith("src/index.ts"),
		)!;
		const loaded = new Set<string>();
		const load = ({ inputs, imports }: typeof first): void => {
			for (const input of Object.keys(inputs)) loaded.add(input);
			for (const { kind, path } of imports) {
				const chunk = metafile.outputs[path];
				if (
					kind === "import-statement" &&
					chunk &&
					!Object.keys(chunk.inputs).every((input) => loaded.has(input))
				)
					load(chunk);
			}
		};
		load(first);
		expect([...loaded].some((input) => input.endsWith("age/src/recipient.ts"))).toBe(true);
		expect([...loaded].filter((input) => /noble|age-encryption|bcrypt/.test(input))).toEqual([]);
	});
});

describe("the public surface", () => {
	it("has these values", () => {
		expect(Object.keys(age).sort()).toEqual(["age", "generateIdentity", "recipient", "recipients"]);
		expect(Object.keys(node).sort()).toEqual(["agePlugins", "identitiesFromEnvironment", "sshIdentity"]);
	});
});
