// A merge driver of git for encrypted files: git runs it with the ancestor, our version and theirs, and takes what it
// leaves in the place of ours. Exit status 1 tells git that a person must look.
import { readFile, writeFile } from "node:fs/promises";
import { formatOfPath, formatPath, mergeDocuments } from "sopskit";
import { providers } from "./keys.js";

const [base, ours, theirs, path] = process.argv.slice(2);
const { file, conflicts } = await mergeDocuments(
	{ base: await readFile(base), ours: await readFile(ours), theirs: await readFile(theirs) },
	{ format: formatOfPath(path), providers: await providers() },
);
await writeFile(ours, file.bytes);
for (const conflict of conflicts) {
	const where = conflict.path.length === 0 ? "the whole file" : formatPath(conflict.path);
	console.error(`${path}: both sides changed ${where} (${conflict.kind}); ours was kept`);
}
process.exitCode = conflicts.length === 0 ? 0 : 1;
