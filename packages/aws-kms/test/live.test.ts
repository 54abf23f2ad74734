import {
	bindKeyGroups,
	decryptDocument,
	encryptDocument,
	type KeyProvider,
	type KeyRef,
	parseConfig,
	parseKeyList,
	resolveRule,
	rotateDocument,
} from "@sopskit/core";
import { describeReference } from "@sopskit/reference/suite";
import { describeServer } from "@sopskit/servers/suite";
import { afterAll, beforeAll, expect, it } from "vitest";
import { awsKms, kmsKey } from "../src/index.ts";
import { CREDENTIALS, type Entry, type MotoKeys, motoKeys, sopsDecrypt, sopsFile } from "./moto-keys.ts";

describeReference("AWS KMS with the real sops", () => {
	describeServer("moto", "and moto", (moto) => {
		let keys: MotoKeys;
		let provider: KeyProvider;
		beforeAll(async () => {
			keys = await motoKeys(moto());
			provider = awsKms({ credentials: CREDENTIALS, endpoint: () => keys.url, allow: () => true });
		});
		afterAll(() => provider?.close?.());

		const entriesOf = (text: string): Entry[] => JSON.parse(text).sops.kms;
		const decrypt = async (text: string): Promise<unknown> =>
			(await decryptDocument(text, { format: "json", providers: [provider] })).data;
		const encrypt = async (refs: readonly (readonly KeyRef[])[]): Promise<string> => {
			const keyGroups = bindKeyGroups(refs, [provider]);
			return (await encryptDocument('{"hello": "world"}', { format: "json", keyGroups })).text;
		};

		const kinds: Readonly<Record<string, () => readonly [flags: readonly string[], ref: KeyRef]>> = {
			"a key": () => [["--kms", keys.arn], kmsKey(keys.arn)],
			"an alias": () => [["--kms", keys.alias], kmsKey(keys.alias)],
			"a key of another partition": () => [["--kms", keys.elsewhere], kmsKey(keys.elsewhere)],
			"an encryption context": () => [
				["--kms", keys.arn, "--encryption-context", "app:shop,env:test"],
				kmsKey(keys.arn, { context: { env: "test", app: "shop" } }),
			],
			"a role": () => [["--kms", `${keys.arn}+${keys.role}`], kmsKey(keys.arn, { role: keys.role })],
		};
		it.each(Object.entries(kinds))("files go both ways: %s", async (_name, kind) => {
			const [flags, ref] = kind();
			const theirs = await sopsFile(flags, keys.environment);
			expect(await decrypt(theirs)).toEqual({ hello: "world" });

			const ours = await encrypt([[ref]]);
			expect((await sopsDecrypt(ours, keys.environment)).stdout).toBe('{\n\t"hello": "world"\n}\n');
			const shape = (text: string) =>
				entriesOf(text).map(({ enc, created_at, ...rest }) => [
					Object.keys(entriesOf(text)[0]!),
					rest,
					enc.length,
					/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/.test(created_at),
				]);
			expect(shape(ours)).toEqual(shape(theirs));
		});

		it("entries keep their fields when the data key is rotated", async () => {
			const ref = kmsKey(keys.arn, { context: { app: "shop" }, profile: "team" });
			const ours = await encrypt([[ref, kmsKey(keys.other)]]);
			const rotated = await rotateDocument(ours, { format: "json", providers: [provider] });
			const fields = ({ arn, context, aws_profile }: Entry) => ({ arn, context, aws_profile });
			expect(entriesOf(rotated.text).map(fields)).toEqual(entriesOf(ours).map(fields));
			expect(entriesOf(ours)[0]).toMatchObject({ aws_profile: "team", context: { app: "shop" } });
			// The profile of an entry is not looked for: nobody asked for the configuration of this machine.
			expect(await decrypt(rotated.text)).toEqual({ hello: "world" });
		});

		it("groups hold shares", async () => {
			const ours = await encrypt([[kmsKey(keys.arn)], [kmsKey(keys.other)], [kmsKey(keys.elsewhere)]]);
			expect((await sopsDecrypt(ours, keys.environment)).stdout).toContain("world");
			expect(await decrypt(ours)).toEqual({ hello: "world" });
		});

		it("rules of .sops.yaml and flags name keys as sops reads them", async () => {
			const config = parseConfig(
				[
					"creation_rules:",
					"  - path_regex: short",
					`    kms: "${keys.arn}+${keys.role}, ${keys.elsewhere}"`,
					"    aws_profile: team",
					"  - key_groups:",
					"      - kms:",
					`          - arn: ${keys.alias}`,
					`            role: ${keys.role}`,
					"            context: { app: shop }",
				].join("\n"),
			);
			const [short, groups] = ["short.json", "other.json"].map(
				(path) => resolveRule(config, path)!.keyGroups,
			);
			const [first, second] = [await encrypt(short!), await encrypt(groups!)];
			expect(entriesOf(first).map(({ arn, role, aws_profile }) => [arn, role, aws_profile])).toEqual([
				[keys.arn, keys.role, "team"],
				[keys.elsewhere, undefined, "team"],
			]);
			expect(entriesOf(second)[0]).toMatchObject({
				arn: keys.alias,
				role: keys.role,
				context: { app: "shop" },
			});
			expect((await sopsDecrypt(second, keys.environment)).status).toBe(0);

			const flags = parseKeyList("kms", `${keys.arn}+${keys.role},${keys.other}`);
			expect(await decrypt(await encrypt([flags]))).toEqual({ hello: "world" });
		});

		it("a changed context, a swapped ARN and a key of another region do not open, here and there", async () => {
			const theirs = await sopsFile(
				["--kms", keys.arn, "--encryption-context", "app:shop"],
				keys.environment,
			);
			const variants = {
				"wrong-key": theirs.replace("shop", "ship"),
				denied: theirs.replace(keys.arn, keys.other),
			};
			for (const [outcome, text] of Object.entries(variants)) {
				expect(text).not.toBe(theirs);
				expect((await sopsDecrypt(text, keys.environment)).status).toBe(128);
				await expect(decrypt(text)).rejects.toMatchObject({
					code: "data-key-unavailable",
					details: { attempts: [{ outcome, provider: "aws-kms" }] },
				});
			}
			const elsewhere = theirs.replace("eu-west-1", "eu-west-2");
			await expect(decrypt(elsewhere)).rejects.toMatchObject({
				details: { attempts: [{ outcome: "denied", hint: expect.stringContaining("NotFoundException") }] },
			});
		});
	});
});
