// npm run fuzz: generated documents through this library and the reference, side by side.
//
//   --seed N           the documents (1): the same seed gives the same documents on every machine
//   --count N          how many (2000), half YAML and half JSON
//   --format F         yaml or json only
//   --only STAGE       load, emit, encrypt or keep only
//   --document N       one document of the run, printed with all that was seen
//   --no-minimise      show differing documents as they were generated
//
// Ends with status 1 when a difference is found that differences.ts does not explain.
import { openReference } from "@sopskit/reference";
import { runSource } from "../run-source.mjs";

const reference = openReference();
if (!reference) {
	console.error("fuzz: the reference is not installed. Run: node tools/reference/install.mjs");
	process.exit(2);
}
const { main } = await runSource("tools/fuzz/main.ts");
const status = await main(reference.oracle, process.argv.slice(2));
await reference.oracle.close();
process.exit(status);
