import { createCipheriv, createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import { decryptDocument, type KeyProvider } from "../src/index.ts";

const DATA_KEY = Uint8Array.from({ length: 32 }, (_, i) => i + 1);
const providers: readonly KeyProvider[] = [
	{
		name: "known",
		masterKey: (ref) => (ref.type === "age" ? { ref, unwrap: async () => DATA_KEY.slice() } : undefined),
	},
];

/** A value as older writers sealed it, with an IV of any length. */
function seal(text: string, additionalData: string, ivLength: number, type = "str"): string {
	const iv = Buffer.from(Array.from({ length: ivLength }, (_, i) => i + ivLength));
	const cipher = createCipheriv("aes-256-gcm", DATA_KEY, iv, { authTagLength: 16 });
	cipher.setAAD(Buffer.from(additionalData));
	const data = Buffer.concat([cipher.update(text), cipher.final()]).toString("base64");
	return `ENC[AES256_GCM,data:${data},iv:${iv.toString("base64")},tag:${cipher.getAuthTag().toString("base64")},type:${type}]`;
}

const macOf = (...values: string[]): string =>
	createHash("sha512").update(values.join("")).digest("hex").toUpperCase();

/** What older versions wrote and 3.13.3 reads (format sections 4, 5 and 7). */
describe("a form that older versions wrote", () => {
	for (const ivLength of [8, 12, 16, 32, 64]) {
		it(`an IV of ${ivLength} bytes`, async () => {
			const text = `a: ${seal("one", "a:", ivLength)}
sops:
    age:
        - recipient: age1x
          enc: x
    lastmodified: "2020-01-02T03:04:05Z"
    mac: ${seal(macOf("one"), "2020-01-02T03:04:05Z", ivLength)}
    version: 3.5.0
`;
			const doc = await decryptDocument(text, { format: "yaml", providers });
			expect(doc.data).toEqual({ a: "one" });
		});
	}

	it("key lists that are null, fields in another order, a field that is gone since", async () => {
		const file = {
			a: seal("one", "a:", 32),
			sops: {
				kms: null,
				gcp_kms: null,
				azure_kv: null,
				hc_vault: null,
				age: [{ recipient: "age1x", enc: "x" }],
				lastmodified: "2020-01-02T03:04:05Z",
				mac: seal(macOf("one"), "2020-01-02T03:04:05Z", 32),
				pgp: null,
				attention: "This section contains key material",
				unencrypted_suffix: "_unencrypted",
				version: "3.7.1",
			},
		};
		const doc = await decryptDocument(JSON.stringify(file), { format: "json", providers });
		expect(doc.data).toEqual({ a: "one" });
		expect(doc.findings).toEqual([
			expect.objectContaining({ code: "metadata-unknown", path: ["sops", "attention"] }),
		]);
	});

	it.each([
		["2020-01-02T03:04:05+02:00", "2020-01-02T03:04:05+02:00"],
		["2020-01-02T03:04:05.678Z", "2020-01-02T03:04:05Z"],
	])("a time of last modification %s, which the MAC takes as %s", async (written, taken) => {
		const text = `a: ${seal("one", "a:", 32)}
sops:
    age: {recipient: age1x, enc: x}
    lastmodified: '${written}'
    mac: ${seal(macOf("one"), taken, 32)}
    version: 3.6.1
`;
		expect((await decryptDocument(text, { format: "yaml", providers })).data).toEqual({ a: "one" });
	});

	it("INI metadata with newlines as two characters, and in quotes", async () => {
		const fields = `age__list_0__map_recipient = age1x
lastmodified = 2020-01-02T03:04:05Z
mac = ${seal(macOf("one"), "2020-01-02T03:04:05Z", 32)}
version = 3.8.1
`;
		for (const enc of ["x\\ny\\n", '"""x\ny\n"""']) {
			const text = `[s]\na = ${seal("one", "s:a:", 32)}\n\n[sops]\nage__list_0__map_enc = ${enc}\n${fields}`;
			expect((await decryptDocument(text, { format: "ini", providers })).get(["s", "a"])).toBe("one");
		}
	});

	it("a comment in clear where comments are encrypted now", async () => {
		const text = `# in clear
a: ${seal("one", "a:", 32)}
sops:
    age:
        - recipient: age1x
          enc: x
    lastmodified: "2020-01-02T03:04:05Z"
    mac: ${seal(macOf("one"), "2020-01-02T03:04:05Z", 32)}
    version: 3.0.0
`;
		const doc = await decryptDocument(text, { format: "yaml", providers });
		expect(doc.text()).toBe("# in clear\na: one\n");
		expect(doc.findings.map(({ code }) => code)).toEqual(["comment-not-encrypted"]);
	});

	it("two comments before a list item, the first of which makes the reference encrypt (getsops/sops 2281)", async () => {
		const text = `list:
    # enc
    - ${seal(" second", "list:", 32, "comment")}
    - ${seal("one", "list:", 32)}
    - clear
sops:
    age:
        - recipient: age1x
          enc: x
    encrypted_comment_regex: enc
    lastmodified: "2020-01-02T03:04:05Z"
    mac: ${seal(macOf("one", "clear"), "2020-01-02T03:04:05Z", 32)}
    version: 3.13.3
`;
		const doc = await decryptDocument(text, { format: "yaml", providers });
		expect(doc.data).toEqual({ list: ["one", "clear"] });
	});
});
