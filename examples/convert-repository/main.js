// Encrypts the plain files of a repository by its .sops.yaml files, in place: `node main.js [--write] [folder]`.
// Without --write it only says what it would do. Without a folder it works on a copy of the one beside it.
import { cpSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { createSops } from "sopskit";

const args = process.argv.slice(2);
const write = args.includes("--write");
const [given] = args.filter((arg) => arg !== "--write");
const folder = given ?? mkdtempSync(join(tmpdir(), "convert-repository-"));
if (given === undefined) cpSync(join(import.meta.dirname, "repository"), folder, { recursive: true });

// Encrypting needs the recipients of the rules, and no identity.
const sops = createSops({ config: true });
const stop = new AbortController();
const onInterrupt = () => stop.abort();
process.once("SIGINT", onInterrupt);

try {
	// Templates are no YAML before they are rendered.
	const files = sops.files([folder, "!**/charts/**"], { signal: stop.signal });
	const results = await files.encrypt({ dryRun: !write });
	for (const result of results) {
		const path = relative(folder, result.path);
		if (!result.ok) console.log(`failed   ${path}: ${result.error.code}: ${result.error.message}`);
		else if (result.value.action === "skip") console.log(`skipped  ${path}: ${result.value.reason}`);
		else console.log(`${write ? "done    " : "would do"} ${path}: ${result.value.encryptedValues} encrypted`);
	}
	const failed = results.filter(({ ok }) => !ok).length;
	console.log(`${results.length} files, ${failed} failed${write ? "" : "; nothing was written"}`);
	if (failed > 0) process.exitCode = 1;
} finally {
	process.off("SIGINT", onInterrupt);
	await sops.close();
	if (given === undefined) rmSync(folder, { recursive: true });
}
