import { describeReference } from "@sopskit/reference/suite";
import { expect, it } from "vitest";
import { gcpKey, gcpKms } from "../src/index.ts";
import { runSops, sopsFile, useService } from "./service.ts";

const part = new Uint8Array(32).fill(7);

describeReference("forms of Google keys, beside the real sops", () => {
	const service = useService();
	const environment = () => ({
		...service().environment("rest"),
		GOOGLE_OAUTH_ACCESS_TOKEN: service().gcp.issue("both"),
	});
	const wrap = async (id: string): Promise<string> => {
		const provider = gcpKms({ environment: environment(), maxAttempts: 1 });
		const master = provider.masterKey(gcpKey(id))!;
		await Promise.resolve(master.wrap!(part, {})).finally(() => provider.close!());
		return master.ref.fields.resource_id as string;
	};

	it.each([
		["as it is", (id: string) => id],
		["with blanks around", (id: string) => ` ${id} `],
		["with blanks in it", (id: string) => id.replace("/global", "/ global")],
	])("a resource id %s is stored as by sops", async (_, form) => {
		const id = form(service().gcp.addKey("forms"));
		const [entry] = JSON.parse(await sopsFile(id, environment())).sops.gcp_kms;
		expect(await wrap(id)).toBe(entry.resource_id);
	});

	it.each([
		["of a version", (id: string) => `${id}/cryptoKeyVersions/1`],
		["with a slash before it", (id: string) => `/${id}`],
		["with a slash behind it", (id: string) => `${id}/`],
		["as a URL", (id: string) => `https://cloudkms.googleapis.com/v1/${id}`],
		["in small letters", (id: string) => id.replace("keyRings", "keyrings")],
		["with a query", (id: string) => `${id}?x`],
		["with an escape", (id: string) => id.replace("test", "t%65st")],
		["of another project", (id: string) => id.replace("sopskit", "example.com:sopskit")],
	])("neither encrypts to a resource id %s", async (_, form) => {
		const id = form(service().gcp.addKey("forms"));
		await expect(sopsFile(id, environment())).rejects.toThrow();
		await expect(wrap(id)).rejects.toThrow(/is not of the form|there is no such key/);
	});

	it("enc is read and refused as by sops", async () => {
		const id = service().gcp.addKey("forms");
		const file = JSON.parse(await sopsFile(id, environment()));
		const enc: string = file.sops.gcp_kms[0].enc;
		const read = [];
		for (const text of [
			`${enc.slice(0, 50)}\n${enc.slice(50)}`,
			`${enc}\r\n`,
			enc.replace(/=+$/, ""),
			Buffer.from(enc, "base64").toString("base64url"),
			`${enc} `,
			enc.slice(0, -8),
			"",
		]) {
			file.sops.gcp_kms[0].enc = text;
			const provider = gcpKms({ environment: environment(), maxAttempts: 1 });
			const ours = await Promise.resolve(provider.masterKey(gcpKey(id))!.unwrap!(text, {})).then(
				() => true,
				() => false,
			);
			await provider.close!();
			expect((await runSops(["decrypt"], environment(), JSON.stringify(file))).status === 0).toBe(ours);
			read.push(ours);
		}
		expect(read).toEqual([true, true, false, false, false, false, false]);
	});
});
