// Makes vectors/exchanges: what the real sops and servers of key services said to one another. Everything in there is
// made anew each time: the keys die with their servers.
//
//   node tools/vectors/make-exchanges.mjs [<folder of older versions, as make-old.mjs takes it>]
import { missingReference, openReference } from "../reference/client.mjs";
import { runSource } from "../run-source.mjs";
import { missing } from "../servers/place.mjs";

const reference = openReference();
const lacking = [...(reference ? [] : missingReference()), ...missing()];
if (lacking.length > 0) {
	console.error(`vectors: lacking ${lacking.join(", ")}: see tools/reference and tools/servers`);
	process.exit(1);
}
const { makeExchanges } = await runSource("tools/vectors/record-exchanges.ts");
await makeExchanges(reference, process.argv[2]);
await reference.oracle.close();
