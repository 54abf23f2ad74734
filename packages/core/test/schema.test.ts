import * as v from "valibot";
import { describe, expect, expectTypeOf, it } from "vitest";
import { z } from "zod";
import { age } from "../../age/src/index.ts";
import { decryptDocument } from "../src/index.ts";
import { refused, secretsOf } from "./refusal.ts";
import { identityFile, vector } from "./vector-files.ts";

const secret = vector("yaml/kubernetes-secret");
const providers = [age({ identities: identityFile("first") })];
const open = { format: "yaml", providers } as const;

describe("a schema of another library", () => {
	it("zod: gives its output and its type", async () => {
		const schema = z.object({ kind: z.literal("Secret"), stringData: z.object({ port: z.coerce.string() }) });
		const doc = await decryptDocument(secret.encrypted, { ...open, schema });
		expectTypeOf(doc.data.stringData.port).toEqualTypeOf<string>();
		expect(doc.data).toEqual({ kind: "Secret", stringData: { port: "5432" } });
	});

	it("valibot: gives its output and its type", async () => {
		const schema = v.object({ stringData: v.object({ tls: v.boolean(), timeout: v.number() }) });
		const doc = await decryptDocument(secret.encrypted, { ...open, schema });
		expectTypeOf(doc.data.stringData.tls).toEqualTypeOf<boolean>();
		expect(doc.data.stringData.tls).toBe(true);
	});

	// Both libraries quote what they received in the message of some issue.
	const wrong = {
		zod: z.object({ stringData: z.object({ password: z.literal("another") }) }),
		valibot: v.object({ stringData: v.object({ password: v.literal("another") }) }),
	};
	for (const [library, schema] of Object.entries(wrong)) {
		it(`${library}: an issue is told by its path, never with the value`, async () => {
			const password = (await decryptDocument(secret.encrypted, open)).get(["stringData", "password"]);
			const work = () => decryptDocument(secret.encrypted, { ...open, schema });
			const error = await refused(work, "schema-mismatch", secretsOf({ values: [password as string] }));
			expect(error.details.issues).toEqual([{ path: ["stringData", "password"] }]);
			expect(error.message).toContain('["stringData"]["password"]');
		});
	}
});
