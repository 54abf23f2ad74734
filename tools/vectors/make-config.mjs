// Records in vectors/config/cases.json what the reference makes of the configurations of config-cases.mjs.
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { missingReference, openReference } from "../reference/client.mjs";
import { configCases } from "./config-cases.mjs";
import { recordConfig } from "./record-config.mjs";

const folder = join(dirname(fileURLToPath(import.meta.url)), "..", "..", "vectors", "config");

const reference = openReference();
if (!reference) {
	console.error(`vectors: lacking ${missingReference().join(", ")}: run node tools/reference/install.mjs`);
	process.exit(1);
}
const recorded = [];
for (const made of configCases) recorded.push({ ...made, reference: await recordConfig(reference, made) });
await reference.oracle.close();
mkdirSync(folder, { recursive: true });
writeFileSync(join(folder, "cases.json"), `${JSON.stringify(recorded, undefined, "\t")}\n`);
console.log(`vectors: ${recorded.length} configurations in vectors/config/cases.json`);
