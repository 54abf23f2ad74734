import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { inspect } from "node:util";
import { describeReference } from "@sopskit/reference/suite";
import { afterEach, expect, it, vi } from "vitest";

const example = join(import.meta.dirname, "..");
const vectors = join(example, "..", "..", "vectors");

afterEach(() => {
	vi.restoreAllMocks();
	vi.unstubAllEnvs();
	vi.resetModules();
});

/** Runs the example with the packages from source, and gives what it printed. */
async function run(path: string): Promise<string> {
	const printed: string[] = [];
	vi.spyOn(console, "log").mockImplementation((...parts) => {
		printed.push(parts.map((part) => (typeof part === "string" ? part : inspect(part))).join(" "));
	});
	vi.stubEnv("PATH", path);
	await import(join(example, "main.js"));
	return printed.join("\n");
}

it("uses copies of files that the vectors keep", () => {
	const text = (...parts: string[]): string => readFileSync(join(...parts), "utf8");
	expect(text(example, "secret.yaml")).toBe(text(vectors, "yaml", "kubernetes-secret", "encrypted.yaml"));
	expect(text(example, "demo-identity.txt")).toBe(text(vectors, "keys", "first.txt"));
});

it("decrypts, changes one value, refuses the tampered copy, encrypts, and does without sops", async () => {
	const printed = await run("");
	expect(printed).toContain("password: 'correct horse battery staple'");
	expect(printed).toContain("port: 5432");
	expect(printed.match(/^[-+] +\S+/gm)).toEqual([
		...["-     password:", "+     password:"],
		...["-     lastmodified:", "+     lastmodified:"],
		...["-     mac:", "+     mac:"],
	]);
	expect(printed).toContain(
		'refused (value-damaged): The encrypted value at ["stringData"]["username"] was changed, or moved here',
	);
	expect(printed.split("4. ")[1]).toContain("username: ENC[AES256_GCM,data:");
	expect(printed).toContain("There is no sops on the PATH to ask.");
});

describeReference("the quick start beside sops", (reference) => {
	it("lets sops read what it wrote", async () => {
		expect(await run(dirname(reference.sops))).toContain("sops decrypts it to the same text.");
	});
});
