// npm run fuzz: generated and changed files of all formats through this library and the reference, side by side.
// The options are in main.ts, and shown for one that does not exist.
//
// Ends with status 1 when a difference is found that differences.ts does not explain, when a row of it explains more
// than it may, or when a class of what should be generated never came.
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { openReference } from "@sopskit/reference";
import { runSource } from "../run-source.mjs";

const reference = openReference();
if (!reference) {
	console.error("fuzz: the reference is not installed. Run: node tools/reference/install.mjs");
	process.exit(2);
}
const root = join(dirname(fileURLToPath(import.meta.url)), "..", "..");
const { main } = await runSource("tools/fuzz/main.ts");
const status = await main(reference.oracle, root, process.argv.slice(2));
await reference.oracle.close();
process.exit(status);
