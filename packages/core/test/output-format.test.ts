// What another format makes of a file: cmd/sops/encrypt.go and decrypt.go of sops 3.13.3.
import type { Format as AnyFormat } from "@sopskit/reference";
import { describeReference } from "@sopskit/reference/suite";
import { describe, expect, it } from "vitest";
import { age, recipient } from "../../age/src/index.ts";
import type { ErrorCode } from "../src/errors.ts";
import type { Format } from "../src/formats/formats.ts";
import { decryptDocument } from "../src/operations/decrypt.ts";
import { type EncryptOptions, encryptDocument, encryptWith } from "../src/operations/encrypt.ts";
import { masked } from "./masked.ts";
import { misused, refused, secretsOf } from "./refusal.ts";
import { identityFile, recipientOf } from "./vector-files.ts";

const RECIPIENT = recipientOf("first");
const keyGroups = [[recipient(RECIPIENT)]];
const providers = [age({ identities: identityFile("first") })];

interface Row {
	readonly from: Format;
	readonly to: Format;
	readonly text: string | Uint8Array;
	readonly options?: Partial<EncryptOptions>;
}

/** Both write these, and read them again. */
const GOOD: readonly Row[] = [
	{ from: "yaml", to: "json", text: "# head\na: 1\nb:\n    c: [1.5, true, ~, x]\nd: 2024-01-02T03:04:05Z\n" },
	{ from: "yaml", to: "json", text: "l:\n    # in the list\n    - 1\n    # and more\n    - 2\n# foot\n" },
	{ from: "yaml", to: "json", text: "t_unencrypted: 2024-01-02T03:04:05.5Z\nn_unencrypted: 12\n" },
	{ from: "json", to: "yaml", text: '{"a": 1, "b": {"c": [1.5, true, null, "x"]}}' },
	{ from: "yaml", to: "dotenv", text: "# head\nA: 1\nB: |\n    two\n    lines\nC: true # behind\nD: 1e6\n" },
	{ from: "yaml", to: "dotenv", text: "A_unencrypted: x\nB_unencrypted: 12\nC: 2024-01-02\n" },
	{ from: "json", to: "dotenv", text: '{"A": "x", "B": "C:\\\\new", "E": ""}' },
	{ from: "dotenv", to: "yaml", text: "#c\nA=1\nB_unencrypted=x\\ny\n" },
	{ from: "dotenv", to: "json", text: "#c\nA=1\nsops=x\\ny\n".replace("sops", "SOPS") },
	{ from: "yaml", to: "binary", text: "A: 1\nl: [1]\n" },
	{ from: "binary", to: "yaml", text: Uint8Array.of(0xff, 0, 65) },
	{ from: "binary", to: "json", text: "text" },
	{ from: "binary", to: "dotenv", text: Uint8Array.of(0xff, 0, 65) },
	{ from: "dotenv", to: "yaml", text: "sops_x=1\n" },
	{ from: "yaml", to: "dotenv", text: "sops: 1\n" },
];

/** We refuse these. The reference does too, or writes a file that it cannot read. */
const BAD: readonly (Row & {
	readonly code: ErrorCode;
	readonly path?: readonly string[];
	readonly reference: "refuses" | "cannot read it";
})[] = [
	{
		...{ from: "yaml", to: "json", text: "A: canary-one\n---\nB: canary-two\n" },
		...{ code: "documents-several", reference: "cannot read it" },
	},
	{
		...{ from: "yaml", to: "dotenv", text: "A: canary-one\n---\nB: canary-two\n" },
		...{ code: "documents-several", reference: "cannot read it" },
	},
	{
		...{ from: "yaml", to: "dotenv", text: "A: x\nL: [canary-one]\n" },
		...{ code: "value-unsupported", path: ["L"], reference: "refuses" },
	},
	{
		...{ from: "json", to: "dotenv", text: '{"A": {"B": "canary-one"}}' },
		...{ code: "value-unsupported", path: ["A"], reference: "refuses" },
	},
	{
		...{ from: "yaml", to: "dotenv", text: "A: ~\n" },
		...{ code: "value-unsupported", path: ["A"], reference: "cannot read it" },
	},
	{
		...{ from: "yaml", to: "dotenv", text: "A_unencrypted: true\n" },
		...{ code: "value-unsupported", path: ["A_unencrypted"], reference: "cannot read it" },
	},
	{
		...{ from: "yaml", to: "dotenv", text: "A_unencrypted: 'C:\\new'\n" },
		...{ code: "value-unsupported", path: ["A_unencrypted"], reference: "cannot read it" },
	},
	{
		...{ from: "yaml", to: "dotenv", text: '"A=B": canary-one\n' },
		...{ code: "value-unsupported", path: ["A=B"], reference: "cannot read it" },
	},
	{
		...{ from: "yaml", to: "json", text: "# secret\nA: canary-one\nB: x\n" },
		options: { encryptedCommentRegex: "secret" },
		...{ code: "value-unsupported", path: [], reference: "cannot read it" },
	},
	{
		...{ from: "dotenv", to: "json", text: Uint8Array.from(Buffer.from("A_unencrypted=\xff\n", "latin1")) },
		...{ code: "value-unsupported", path: ["A_unencrypted"], reference: "cannot read it" },
	},
	{
		...{ from: "dotenv", to: "yaml", text: "sops=x\n" },
		...{ code: "already-encrypted", reference: "refuses" },
	},
	{
		...{ from: "yaml", to: "dotenv", text: "sops_x: 1\n" },
		...{ code: "already-encrypted", reference: "refuses" },
	},
];

const SECRETS = secretsOf({ values: ["canary-one", "canary-two"] });

describe("encrypting", () => {
	for (const { from, to, text, options, code, path } of BAD) {
		it(`${from} to ${to}, ${JSON.stringify(String(text))}: ${code}`, async () => {
			const work = () => encryptDocument(text, { format: from, outputFormat: to, keyGroups, ...options });
			const error = await refused(work, code, SECRETS);
			if (path !== undefined) expect(error.details).toMatchObject({ path });
			if (path?.[0] !== undefined) expect(error.message).toContain(JSON.stringify(path[0]));
		});
	}

	it("cannot keep a layout of another format", async () => {
		const options = { format: "yaml", outputFormat: "json", layout: "keep", keyGroups } as const;
		await misused(() => encryptDocument("a: 1\n", options), "argument-invalid");
		expect((await encryptDocument("a:   1\n", { ...options, outputFormat: "yaml" })).text).toMatch(
			/^a: {3}E/,
		);
		await misused(
			() => encryptDocument("a: 1\n", { ...options, outputFormat: "toml" as never }),
			"argument-invalid",
		);
	});
});

describe("decrypting", () => {
	const yaml = async (text: string) => {
		const file = await encryptDocument(text, { format: "yaml", keyGroups });
		return decryptDocument(file.text, { format: "yaml", providers });
	};

	it("refuses what the other format cannot hold", async () => {
		const several = await yaml("a: canary-one\n---\nb: 2\n");
		for (const format of ["json", "dotenv", "binary"] as const) {
			await refused(() => several.text({ format }), "documents-several", SECRETS);
			await refused(() => several.bytes({ format }), "documents-several", SECRETS);
		}
		const nested = await yaml("a: {b: canary-one}\n");
		const error = await refused(() => nested.text({ format: "dotenv" }), "value-unsupported", SECRETS);
		expect(error.details.path).toEqual(["a"]);
		await refused(() => nested.text({ format: "binary" }), "path-not-found", SECRETS);
		const number = await yaml("data: 5\n");
		await refused(() => number.text({ format: "binary" }), "value-unsupported", SECRETS);
		const infinite = await yaml("x: .inf\n");
		await refused(() => infinite.text({ format: "json" }), "value-unsupported");
	});

	it("gives what is under `data` as binary", async () => {
		const doc = await yaml("other: 1\ndata: content\n");
		expect(doc.text({ format: "binary" })).toBe("content");
	});
});

describeReference("beside the reference", (reference) => {
	const dataKey = Uint8Array.from({ length: 32 }, (_, i) => (i * 17 + 5) % 256);
	const lastModified = "2024-05-06T07:08:09Z";
	const theirs = ({ from, to, text, options }: Row) =>
		reference.oracle.call("encrypt", {
			...{ format: from as AnyFormat, outputFormat: to as AnyFormat, text, dataKey, lastModified },
			ageRecipients: [RECIPIENT],
			selectors: options?.encryptedCommentRegex
				? { encrypted_comment_regex: options.encryptedCommentRegex }
				: {},
		});

	for (const row of GOOD) {
		const { from, to, text } = row;
		it(`encrypts ${from} to ${to}: ${JSON.stringify(String(text))}`, async () => {
			let drawn = 0;
			const seams = {
				now: () => new Date(lastModified),
				random: (length: number) =>
					drawn++ === 0 ? dataKey.slice() : globalThis.crypto.getRandomValues(new Uint8Array(length)),
			};
			const ours = await encryptWith(text, { format: from, outputFormat: to, keyGroups }, seams);
			const other = await theirs(row);
			expect(masked(ours.text)).toBe(masked(other.text));
			// What was written for binary is JSON to those who read it, unless it is binary.
			const readAs = to === "binary" ? "json" : to;
			const doc = await decryptDocument(other.text, { format: readAs, providers });
			for (const format of ["yaml", "json", "dotenv", "binary"] as const) {
				const back = await reference.oracle
					.call("decrypt", { format: readAs, outputFormat: format, text: ours.text, dataKey })
					.catch(() => undefined);
				if (back === undefined) expect(() => doc.bytes({ format })).toThrow();
				else if (!/[\ufffd]|!!binary/.test(back.text))
					expect(Buffer.from(doc.bytes({ format })).toString()).toBe(back.text);
			}
		});
	}

	for (const row of BAD) {
		it(`${row.from} to ${row.to}, ${JSON.stringify(String(row.text))}: the reference ${row.reference}`, async () => {
			const written = await theirs(row).catch(() => undefined);
			const read =
				written &&
				(await reference.oracle
					.call("decrypt", { format: row.to, text: written.text, dataKey })
					.catch(() => undefined));
			const outcome = !written ? "refuses" : !read ? "cannot read it" : "reads it";
			expect(outcome).toBe(row.reference);
		});
	}
});
