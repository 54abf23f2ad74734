import { KeyManagementServiceClient } from "@google-cloud/kms";
import {
	bindKeyGroups,
	decryptDocument,
	encryptDocument,
	type KeyRef,
	parseConfig,
	parseKeyList,
	resolveRule,
	rotateDocument,
} from "@sopskit/core";
import { describeReference } from "@sopskit/reference/suite";
import { OAuth2Client } from "google-auth-library";
import { grpc } from "google-gax";
import { describe, expect, it } from "vitest";
import { type GcpKmsOptions, gcpKey, gcpKms } from "../src/index.ts";
import { type Entry, runSops, sopsFile, TRANSPORTS, useService } from "./service.ts";

const entriesOf = (text: string): Entry[] => JSON.parse(text).sops.gcp_kms;

describeReference("Google Cloud KMS with the real sops", () => {
	const service = useService();

	describe.each(TRANSPORTS)("over %s", (transport) => {
		const provider = (options: Partial<GcpKmsOptions> = {}) =>
			gcpKms({
				...service().way(transport),
				...(options.client === undefined && { credentials: service().gcp.serviceAccount }),
				...options,
			});
		const encrypt = async (groups: readonly (readonly KeyRef[])[], options = {}): Promise<string> => {
			const holder = provider(options);
			const keyGroups = bindKeyGroups(groups, [holder]);
			const { text } = await encryptDocument('{"hello": "world"}', { format: "json", keyGroups });
			await holder.close!();
			return text;
		};
		const decrypt = async (text: string, options = {}): Promise<unknown> => {
			const holder = provider(options);
			const { data } = await decryptDocument(text, { format: "json", providers: [holder] });
			await holder.close!();
			return data;
		};
		const environment = () => ({
			...service().environment(transport),
			GOOGLE_OAUTH_ACCESS_TOKEN: service().gcp.issue("sops"),
		});

		it("files go both ways", async () => {
			const id = service().gcp.addKey("both");
			const theirs = await sopsFile(id, environment());
			expect(await decrypt(theirs)).toEqual({ hello: "world" });
			const ours = await encrypt([[gcpKey(id)]]);
			const opened = await runSops(["decrypt"], environment(), ours);
			expect(opened).toMatchObject({ status: 0, stdout: '{\n\t"hello": "world"\n}\n' });
			const shape = (text: string) =>
				entriesOf(text).map(({ enc, created_at, ...rest }) => [
					Object.keys(entriesOf(text)[0]!),
					rest,
					enc.length,
					/^CiQA[A-Za-z0-9+/]+=*$/.test(enc),
					/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/.test(created_at),
				]);
			expect(shape(ours)).toEqual(shape(theirs));
		});

		it("what an older version of a key wrapped stays readable", async () => {
			const id = service().gcp.addKey("rotating");
			const ours = await encrypt([[gcpKey(id)]]);
			service().gcp.addKey("rotating");
			expect(await decrypt(ours)).toEqual({ hello: "world" });
			expect(await decrypt(await encrypt([[gcpKey(id)]]))).toEqual({ hello: "world" });
		});

		it("entries keep their fields when the data key is rotated, and groups hold shares", async () => {
			const ids = ["one", "two", "three"].map((name) => service().gcp.addKey(name));
			const ours = await encrypt(ids.map((id) => [gcpKey(id)]));
			const rotated = (await rotateDocument(ours, { format: "json", providers: [provider()] })).text;
			expect(await decrypt(rotated)).toEqual({ hello: "world" });
			expect((await runSops(["decrypt"], environment(), rotated)).stdout).toContain("world");
			const fields = (text: string) =>
				JSON.parse(text).sops.key_groups.map(({ gcp_kms: [{ enc, ...rest }] }: { gcp_kms: [Entry] }) => rest);
			expect(fields(rotated)).toEqual(fields(ours));
		});

		it("rules of .sops.yaml and flags name keys as sops reads them", async () => {
			const [first, second] = [service().gcp.addKey("first"), service().gcp.addKey("second")];
			const rules = [
				"creation_rules:",
				"  - path_regex: short",
				`    gcp_kms: "${first}, ${second}"`,
				"  - key_groups:",
				"      - gcp_kms:",
				`          - resource_id: ${second}`,
			].join("\n");
			const config = service().write("sops.yaml", rules);
			for (const path of ["short.json", "other.json"]) {
				const ours = await encrypt(resolveRule(parseConfig(rules), path)!.keyGroups);
				const theirs = await runSops(
					["--config", config, "encrypt"],
					environment(),
					'{"hello": "world"}',
					path,
				);
				const keys = (text: string) => entriesOf(text).map(({ resource_id }) => resource_id);
				expect(keys(ours)).toEqual(keys(theirs.stdout));
				expect((await runSops(["decrypt"], environment(), ours)).status).toBe(0);
			}
			expect(parseKeyList("gcp_kms", `${first}, ${second}`)).toEqual([gcpKey(first), gcpKey(second)]);
		});

		it("a client of the vendor fits as client", async () => {
			const { gcp } = service();
			const id = gcp.addKey("injected");
			const authClient = new OAuth2Client();
			authClient.setCredentials({ access_token: gcp.issue("injected"), expiry_date: Date.now() + 3_600_000 });
			const [apiEndpoint, port] = gcp.grpcAddress.split(":") as [string, string];
			const sslCreds = grpc.credentials.combineChannelCredentials(
				grpc.credentials.createSsl(Buffer.from(gcp.ca)),
				grpc.credentials.createFromGoogleCredential({
					getRequestHeaders: async () => ({ authorization: `Bearer ${authClient.credentials.access_token}` }),
				}),
			);
			const client =
				transport === "grpc"
					? new KeyManagementServiceClient({ apiEndpoint, port: Number(port), authClient, sslCreds })
					: new KeyManagementServiceClient({
							apiEndpoint: "127.0.0.1",
							port: Number(new URL(gcp.url).port),
							protocol: "http",
							fallback: true,
							authClient,
						});
			const theirs = await sopsFile(id, environment());
			expect(await decrypt(theirs, { client })).toEqual({ hello: "world" });
			const ours = await encrypt([[gcpKey(id)]], { client });
			expect((await runSops(["decrypt"], environment(), ours)).status).toBe(0);
			await client.close();
		});
	});
});
