import { describe, expect, it } from "vitest";
import { recipient } from "../../age/src/index.ts";
import { encryptDocument, type Format, maskDocument } from "../src/index.ts";
import { refused } from "./refusal.ts";
import { recipientOf, VECTORS } from "./vector-files.ts";

const keyGroups = [[recipient(recipientOf("first"))]];
const NOTICE =
	"masked by sopskit: no value that was encrypted is in this file, and it cannot be encrypted again";

describe("maskDocument", () => {
	const rows: readonly (readonly [Format, string, string])[] = [
		[
			"yaml",
			"# note\na:   x\nb:\n  - 1\n  - {c: true}\nd_unencrypted:  'z'\nn: ~\n",
			`# ${NOTICE}\n#MASKED_BY_SOPSKIT\na:   MASKED_BY_SOPSKIT\nb:\n  - MASKED_BY_SOPSKIT\n  - {c: MASKED_BY_SOPSKIT}\nd_unencrypted:  'z'\nn: ~\n`,
		],
		[
			"json",
			'{ "a":  "x", "d_unencrypted": 1 }\n',
			'{ "a":  "MASKED_BY_SOPSKIT", "d_unencrypted": 1, "sopskit_masked":  true }\n',
		],
		["dotenv", "A=x\nB_unencrypted=1\n", `# ${NOTICE}\nA=MASKED_BY_SOPSKIT\nB_unencrypted=1\n`],
		[
			"ini",
			"[s]\na = x\nb_unencrypted = 1\n",
			`; ${NOTICE}\n[s]\na = MASKED_BY_SOPSKIT\nb_unencrypted = 1\n`,
		],
		["binary", "secret", "MASKED_BY_SOPSKIT"],
	];
	for (const [format, plain, masked] of rows) {
		it(`leaves nothing of a secret: ${format}`, async () => {
			const layout = format === "binary" ? "reference" : "keep";
			const { text } = await encryptDocument(plain, { format, keyGroups, layout });
			expect(maskDocument(text, { format }).text).toBe(masked);
			await refused(() => encryptDocument(masked, { format, keyGroups }), "value-masked");
		});
	}

	it("masks a value that should have been encrypted", async () => {
		const { text } = await encryptDocument("a: x\nb: y\n", { format: "yaml", keyGroups });
		const open = text.replace(/^a: .*$/m, "a: canary");
		expect(maskDocument(open, { format: "yaml" }).text).not.toContain("canary");
	});

	it("leaves no ciphertext and no metadata in any vector", () => {
		for (const { name, format, encrypted } of VECTORS) {
			const { text, masked } = maskDocument(encrypted, { format });
			expect([name, /ENC\[AES|sops_mac|recipient/.test(text)]).toEqual([name, false]);
			expect(masked).toBeGreaterThanOrEqual(0);
		}
	});
});
