// One operation on one file, as a program would do it that is started for it.
import { readFileSync, writeFileSync } from "node:fs";
import { age, recipient } from "@sopskit/age";
import { decryptDocument, encryptDocument } from "@sopskit/core";

const job = JSON.parse(readFileSync(process.argv[2], "utf8"));
const input = readFileSync(job.input);
const options = { format: job.format, maxBytes: 2 ** 30 };
const result =
	job.operation === "encrypt"
		? (await encryptDocument(input, { ...options, keyGroups: [[recipient(job.recipient)]] })).bytes
		: (await decryptDocument(input, { ...options, providers: [age({ identities: job.identity })] })).bytes();
writeFileSync(job.output, result);
