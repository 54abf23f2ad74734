import { join } from "node:path";
import { describeReference } from "@sopskit/reference/suite";
import { describe, expect, it } from "vitest";
import { seedsIn } from "../../../tools/fuzz/seeds.ts";
import { age, recipient } from "../../age/src/index.ts";
import { FORMATS } from "../src/formats/formats.ts";
import { decryptDocument, encryptDocument } from "../src/index.ts";
import { identityFile, recipientOf } from "./vector-files.ts";

const seeds = seedsIn(join(import.meta.dirname, "..", "..", "..", "tools", "fuzz", "seeds"));
const files = FORMATS.flatMap((format) =>
	seeds(format).map(({ name, bytes }) => ({ name: `${format}/${name}`, format, bytes })),
);
const keyGroups = [[recipient(recipientOf("first"))]];
const providers = [age({ identities: identityFile("first") })];

/**
 * What the layout `keep` does to seeds beside giving back every byte: SOPS encrypts what a value is, not how it was
 * spelled; and a value out of an alias, or one behind a tag over lines, has no place for its ciphertext.
 */
const OTHERWISE: Readonly<Record<string, "respelled" | "not kept">> = {
	"yaml/ansible-group-vars": "respelled",
	"yaml/cloud-init": "not kept",
	"yaml/docker-compose": "not kept",
	"yaml/github-workflow": "respelled",
	"yaml/helm-values": "not kept",
	"yaml/kubernetes-secret": "respelled",
	"yaml/spring-application": "respelled",
	"json/dashboard": "respelled",
	"json/iam-policy": "respelled",
	"json/package": "respelled",
	"json/terraform.tfvars": "respelled",
	"ini/pgbouncer": "respelled",
	// A key that stands twice, and a comment behind the last one (docs/decisions/0011-nothing-unread-stays-in-clear.md).
	"ini/php": "respelled",
};

const latin1 = (bytes: Uint8Array): string => Buffer.from(bytes).toString("latin1");

describe("realistic files", () => {
	it("there are at least 32", () => expect(files.length).toBeGreaterThanOrEqual(32));

	for (const { name, format, bytes } of files) {
		it(`${name}: what keep encrypts comes back`, async () => {
			const encrypted = await encryptDocument(bytes, { format, layout: "keep", keyGroups });
			const doc = await decryptDocument(encrypted.bytes, { format, providers, integers: "mixed" });
			const back = latin1(doc.bytes({ layout: "keep" }));
			const kept = encrypted.findings.every(({ code }) => code !== "layout-not-kept");
			expect(kept ? (back === latin1(bytes) ? "same" : "respelled") : "not kept").toBe(
				OTHERWISE[name] ?? "same",
			);
			// The data is the same, whatever the layout.
			const plain = await encryptDocument(bytes, { format, keyGroups });
			const other = await decryptDocument(plain.bytes, { format, providers, integers: "mixed" });
			if (format !== "binary") expect(doc.documents).toEqual(other.documents);
		});
	}
});

describeReference("realistic files, with sops", (reference) => {
	for (const { name, format, bytes } of files) {
		it(`${name}: sops reads what we wrote, and prints what we print`, async () => {
			const encrypted = await encryptDocument(bytes, { format, keyGroups });
			const theirs = await reference.oracle.call("decrypt", {
				format,
				text: encrypted.bytes,
				ageIdentity: identityFile("first"),
			});
			const doc = await decryptDocument(encrypted.bytes, { format, providers });
			expect(Buffer.from(doc.bytes()).equals(theirs.bytes)).toBe(true);
		});
	}
});
