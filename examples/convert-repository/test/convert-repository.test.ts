import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describeReference } from "@sopskit/reference/suite";
import { afterEach, beforeEach, expect, it, vi } from "vitest";

const example = join(import.meta.dirname, "..");
const keyFile = join(example, "..", "..", "vectors", "keys", "first.txt");
const repository = join(example, "repository");

let folder: string;
beforeEach(() => {
	folder = mkdtempSync(join(tmpdir(), "sopskit-"));
	cpSync(repository, folder, { recursive: true });
});
afterEach(() => {
	rmSync(folder, { recursive: true });
	vi.restoreAllMocks();
	vi.resetModules();
	process.exitCode = undefined;
});

/** Runs the example with the packages from source, and gives what it printed. */
async function run(...args: string[]): Promise<string[]> {
	const printed: string[] = [];
	vi.spyOn(console, "log").mockImplementation((...parts) => void printed.push(parts.join(" ")));
	const { argv } = process;
	process.argv = [...argv.slice(0, 2), ...args];
	try {
		await import(join(example, "main.js"));
	} finally {
		process.argv = argv;
	}
	vi.restoreAllMocks();
	vi.resetModules();
	return printed;
}

const contents = (root: string): Record<string, string> =>
	Object.fromEntries(
		readdirSync(root, { recursive: true, withFileTypes: true })
			.filter((entry) => entry.isFile())
			.map((entry) => join(entry.parentPath, entry.name))
			.map((path) => [path.slice(root.length + 1), readFileSync(path, "utf8")]),
	);

const told = (word: string): string[] => [
	"skipped  clusters/a/.sops.yaml: configuration-file",
	"skipped  clusters/a/deployment.yaml: nothing-selected",
	"skipped  clusters/a/kustomization.yaml: configuration-file",
	`${word} clusters/a/secret.yaml: 1 encrypted`,
	"skipped  clusters/b/.sops.yaml: configuration-file",
	`${word} clusters/b/shop.env: 2 encrypted`,
	"skipped  readme.md: no-rule",
];

it("says what it would do, and writes nothing", async () => {
	const before = contents(repository);
	const expected = [...told("would do"), "7 files, 0 failed; nothing was written"];
	expect(await run()).toEqual(expected);
	expect(await run(folder)).toEqual(expected);
	expect(contents(folder)).toEqual(before);
	expect(contents(repository)).toEqual(before);
});

it("converts once, and not twice", async () => {
	expect(await run("--write", folder)).toEqual([...told("done    "), "7 files, 0 failed"]);
	const after = contents(folder);
	expect(JSON.stringify(after)).not.toContain("correct horse");
	expect(after["clusters/b/shop.env"]).toContain("URL_PUBLIC=https://shop.example");
	const again = await run("--write", folder);
	expect(again).toContain("skipped  clusters/a/secret.yaml: already-encrypted");
	expect(contents(folder)).toEqual(after);
});

it("tells what failed, does the rest, and exits with 1", async () => {
	writeFileSync(join(folder, "clusters/a/broken.yaml"), "stringData: {{ x }} correct horse\n");
	const printed = await run("--write", folder);
	expect(printed.find((line) => line.startsWith("failed"))).toMatch(
		/clusters\/a\/broken\.yaml: syntax-invalid/,
	);
	expect(printed.at(-1)).toBe("8 files, 1 failed");
	expect(process.exitCode).toBe(1);
	expect(contents(folder)["clusters/a/secret.yaml"]).toContain("ENC[");
});

describeReference("the conversion beside sops", (reference) => {
	it("gives files that sops decrypts to what they were", async () => {
		const before = contents(folder);
		await run("--write", folder);
		for (const name of ["clusters/a/secret.yaml", "clusters/b/shop.env"]) {
			const options = { env: { SOPS_AGE_KEY_FILE: keyFile } };
			const { stdout, stderr } = await reference.runSops(["decrypt", join(folder, name)], options);
			expect([name, stderr]).toEqual([name, ""]);
			const expected = name.endsWith("yaml") ? before[name]!.replaceAll("\n  ", "\n    ") : before[name];
			expect(stdout).toBe(expected);
		}
	});
});
