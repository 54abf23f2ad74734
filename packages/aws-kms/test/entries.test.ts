import { decryptDocument } from "@sopskit/core";
import { describeReference } from "@sopskit/reference/suite";
import { type FaultProxy, startFaultProxy } from "@sopskit/servers/fault-proxy";
import { describeServer } from "@sopskit/servers/suite";
import { afterAll, beforeAll, expect, it } from "vitest";
import { awsKms } from "../src/index.ts";
import { type Entry, type MotoKeys, motoKeys, sopsDecrypt, sopsFile } from "./moto-keys.ts";

type Fields = { -readonly [name in keyof Entry]?: unknown } & Record<string, unknown>;
type Case = readonly [
	change: (entry: Fields) => void,
	/** What both make of it, or, where we refuse what they take, why. */
	result: "opens" | "refused" | { readonly ours: string },
];

const CASES: Readonly<Record<string, Case>> = {
	"a context that is empty": [(entry) => (entry.context = {}), "opens"],
	"a context that is null": [(entry) => (entry.context = null), "opens"],
	// The reference crashes.
	"a value of the context that is null": [(entry) => (entry.context = { app: null }), "refused"],
	"a value of the context that is a number": [(entry) => (entry.context = { app: 5 }), "refused"],
	"a value of the context that is a list": [(entry) => (entry.context = { app: ["a"] }), "refused"],
	"a context that is a text": [(entry) => (entry.context = "app:shop"), "refused"],
	"no created_at": [(entry) => delete entry.created_at, "refused"],
	"created_at of another zone": [(entry) => (entry.created_at = "2020-01-01T00:00:00+05:00"), "opens"],
	// As before 3.3.0.
	"no aws_profile": [(entry) => delete entry.aws_profile, "opens"],
	"a profile that is not there": [(entry) => (entry.aws_profile = "absent"), "refused"],
	"a role that is empty": [(entry) => (entry.role = ""), "opens"],
	"a role that is null": [(entry) => (entry.role = null), "opens"],
	"a role that is none": [(entry) => (entry.role = "arn:aws:iam::1:role/x"), "refused"],
	"a user in the place of a role": [
		(entry) => (entry.role = "arn:aws:iam::123456789012:user/x"),
		{ ours: "AWS has no such roles; moto takes all" },
	],
	"an account of four digits": [
		(entry) => (entry.arn = String(entry.arn).replace("123456789012", "1234")),
		{ ours: "AWS has no such accounts; moto takes all" },
	],
	"a blank before the ARN": [(entry) => (entry.arn = ` ${entry.arn}`), "refused"],
	"a role behind the ARN, which only lists have": [
		(entry) => (entry.arn = `${entry.arn}+arn:aws:iam::123456789012:role/x`),
		"refused",
	],
	"a line feed in enc": [(entry) => (entry.enc = String(entry.enc).replace(/^.{20}/, "$&\n")), "opens"],
	"a blank in enc": [(entry) => (entry.enc = `${entry.enc} `), "refused"],
	"names in capitals": [
		(entry) => {
			Object.assign(entry, { ARN: entry.arn, Enc: entry.enc });
			delete entry.arn;
			delete entry.enc;
		},
		"opens",
	],
};

describeReference("entries of AWS KMS with sops", () => {
	describeServer("moto", "and moto", (moto) => {
		let keys: MotoKeys;
		let proxy: FaultProxy;
		let file: string;
		beforeAll(async () => {
			keys = await motoKeys(moto());
			proxy = await startFaultProxy(keys.url);
			file = await sopsFile(["--kms", keys.arn], keys.environment);
		});
		afterAll(() => proxy?.close());

		/** The client for Go sends an empty context, where that for JavaScript sends none. */
		const asked = (): readonly string[] =>
			proxy.arrived.splice(0).map(({ body }) => {
				if (!body.startsWith("{")) return new URLSearchParams(body).get("RoleArn") ?? "";
				const { EncryptionContext: context = {}, ...rest } = JSON.parse(body);
				return JSON.stringify([Object.entries(rest).sort(), context]);
			});

		it.each(Object.entries(CASES))("both read the same: %s", async (_name, [change, result]) => {
			const parsed = JSON.parse(file);
			change(parsed.sops.kms[0]);
			const text = JSON.stringify(parsed, undefined, "\t");
			const environment = {
				...keys.environment,
				AWS_ENDPOINT_URL_KMS: proxy.url,
				AWS_ENDPOINT_URL_STS: proxy.url,
			};
			const theirs = await sopsDecrypt(text, environment);
			const requests = asked();
			const provider = awsKms({ environment, profiles: true, allow: () => true });
			const ours = await decryptDocument(text, { format: "json", providers: [provider] }).then(
				({ data }) => data,
				(error: { code?: unknown }) => error.code,
			);
			await provider.close!();
			expect(theirs.status === 0).toBe(result !== "refused");
			if (result === "opens") expect([ours, asked()]).toEqual([{ hello: "world" }, requests]);
			else {
				expect(ours).toMatch(/^(?:data-key-unavailable|metadata-invalid)$/);
				// What is refused before it is asked leads nowhere.
				expect([[], requests]).toContainEqual(asked());
			}
		});
	});
});
