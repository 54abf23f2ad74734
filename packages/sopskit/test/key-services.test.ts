import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Finding } from "@sopskit/core";
import { describeReference } from "@sopskit/reference/suite";
import { describeServer } from "@sopskit/servers/suite";
import { build } from "esbuild";
import { beforeAll, describe, expect, it } from "vitest";
import { createSops } from "../src/index.ts";
import { absent, KEY_SERVICES, keyServices, serviceFindings } from "../src/key-services.ts";

describeReference("key services of an environment, with the real sops", ({ runSops }) => {
	describeServer("moto", "and moto", (moto) => {
		describeServer("openbao", "and OpenBao", (bao) => {
			let environment: Readonly<Record<string, string>>;
			beforeAll(async () => {
				await bao().call("POST", "sys/mounts/transit", { type: "transit" });
				await bao().call("POST", "transit/keys/sops", {});
				environment = {
					AWS_ENDPOINT_URL_KMS: moto().url,
					AWS_ENDPOINT_URL_STS: moto().url,
					AWS_ACCESS_KEY_ID: "AKIATEST",
					AWS_SECRET_ACCESS_KEY: "secret",
					SOPS_KMS_ARN: `${await moto().createKey("eu-west-1")}+arn:aws:iam::123456789012:role/team`,
					VAULT_TOKEN: bao().rootToken,
					VAULT_ADDR: bao().url,
					SOPS_VAULT_URIS: `${bao().url}/v1/transit/keys/sops`,
				};
			});
			const types = ["--input-type", "json", "--output-type", "json", "--filename-override", "a.json"];
			const run = (command: string, input: string, env: Readonly<Record<string, string>>) =>
				runSops(["--disable-version-check", command, ...types], { env, input });
			const without = (name: string): Readonly<Record<string, string>> =>
				Object.fromEntries(Object.entries(environment).filter(([one]) => !one.startsWith(name)));

			it("both write files for the same keys, and read each other's by either key", async () => {
				const theirs = (await run("encrypt", '{"a": "b"}', environment)).stdout;
				const sops = createSops({ environment });
				const ours = (await sops.encryptDocument('{"a": "b"}', { format: "json" })).text;
				const shape = (text: string) => {
					const { kms, hc_vault, age } = JSON.parse(text).sops;
					const bare = ({ enc, created_at, ...rest }: Record<string, string>) => [
						typeof enc,
						typeof created_at,
						rest,
					];
					return [kms.map(bare), hc_vault.map(bare), age];
				};
				expect(shape(ours)).toEqual(shape(theirs));
				for (const one of ["VAULT_", "AWS_"]) {
					const rest = { ...without(one), AWS_EC2_METADATA_DISABLED: "true" };
					const { data } = await createSops({ environment: rest }).decryptDocument(theirs, {
						format: "json",
					});
					expect(data).toEqual({ a: "b" });
					expect((await run("decrypt", ours, rest)).stdout).toBe('{\n\t"a": "b"\n}\n');
				}
				await sops.close();
			});

			it("nothing is asked where no environment was passed", async () => {
				const { stdout } = await run("encrypt", '{"a": "b"}', environment);
				await expect(createSops().decryptDocument(stdout, { format: "json" })).rejects.toMatchObject({
					details: { attempts: [{ outcome: "no-provider" }, { outcome: "no-provider" }] },
				});
			});
		});
	});
});

describe("key services", () => {
	it("stand in one table, loaded by their literal names, and a bundler does not demand them", async () => {
		expect(KEY_SERVICES.map(({ type, name }) => [type, name])).toEqual([
			["kms", "aws-kms"],
			["gcp_kms", "gcp-kms"],
			["azure_kv", "azure-keyvault"],
			["hc_vault", "hc-vault"],
		]);
		const options = {
			bundle: true,
			write: false,
			metafile: true,
			format: "esm",
			platform: "node",
			logLevel: "silent",
		} as const;
		const entryPoints = [join(import.meta.dirname, "..", "src", "key-services.ts")];
		const source = await build({ ...options, entryPoints, packages: "external" });
		const imports = Object.values(source.metafile.outputs).flatMap((output) => output.imports);
		expect(
			imports
				.filter(({ kind }) => kind === "dynamic-import")
				.map(({ path }) => path)
				.sort(),
		).toEqual(KEY_SERVICES.map(({ name }) => `@sopskit/${name}`).sort());
		// From a folder where none of them is installed.
		const stdin = { contents: source.outputFiles[0]!.text, resolveDir: tmpdir() };
		const { outputFiles, errors } = await build({ ...options, stdin, external: ["@sopskit/core"] });
		expect(errors).toEqual([]);
		expect(outputFiles[0]!.text).toMatch(/import\([^)]*"@sopskit\/aws-kms"\s*\)/);
	});

	it("that are not installed are named, with what to run", async () => {
		const load = async () =>
			(await import("@sopskit/absent" as string).catch(absent("@sopskit/absent"))).provider();
		const [provider] = keyServices({}, [{ type: "x", name: "absent", load }]);
		const key = provider!.masterKey({ type: "x", id: "1", fields: {} })!;
		for (const call of [key.wrap!(new Uint8Array(1), {}), key.unwrap!("", {}), key.resolve!({})]) {
			await expect(call).rejects.toMatchObject({
				outcome: "misconfigured",
				message: "@sopskit/absent is not installed; run: npm install @sopskit/absent",
			});
		}
		await provider!.close!();
		expect(() => absent("@sopskit/x")(new SyntaxError("secret"))).toThrow(
			"@sopskit/x cannot be loaded (SyntaxError)",
		);
	});

	it("say what in the environment they cannot use: AZURE_AUTH_METHOD, which guides still set", async () => {
		const sops = createSops({
			environment: { AZURE_AUTH_METHOD: "canary", HTTPS_PROXY: "socks5://canary", HOME: tmpdir() },
		});
		const { findings } = await sops.sources();
		expect(findings.map(({ code }) => code)).toEqual(["source-unusable", "source-unusable"]);
		expect(findings[0]!.message).toContain("AZURE_AUTH_METHOD is set, and nothing reads it any more");
		expect(findings[1]!.message).toContain("HTTPS_PROXY");
		expect(JSON.stringify(findings)).not.toContain("canary");
		for (const options of [{}, { environment: { HOME: tmpdir() } }])
			expect((await createSops(options).sources()).findings).toEqual([]);
	});

	it("any of them has a place for findings; one that is not installed says nothing", async () => {
		const service = (findings: () => Promise<readonly Finding[]>) => ({
			...{ type: "x", name: "x", load: () => Promise.reject(new Error("not asked")) },
			findings,
		});
		const said = async () => [{ code: "source-unusable" as const, message: "X_MODE is not read" }];
		const missing = () => import("@sopskit/absent" as string).catch(absent("@sopskit/absent"));
		const broken = async () => absent("@sopskit/x")(new SyntaxError("canary"));
		const { load, type, name } = service(said);
		expect(
			await serviceFindings({}, [service(said), service(missing), service(broken), { load, type, name }]),
		).toEqual([
			{ code: "source-unusable", message: "X_MODE is not read" },
			{ code: "source-unusable", message: "@sopskit/x cannot be loaded (SyntaxError)" },
		]);
		expect(await serviceFindings(undefined, [service(said)])).toEqual([]);
	});

	it("a variable that a package cannot read is told with the key, and without its value", async () => {
		const id = "projects/p/locations/global/keyRings/r/cryptoKeys/k";
		const environment = { SOPS_GCP_KMS_IDS: id, SOPS_GCP_KMS_ENDPOINT: "can ary" };
		const failure = createSops({ environment }).encryptDocument("a: b\n", { format: "yaml" });
		const error = await failure.catch((thrown: unknown) => thrown);
		expect(error).toMatchObject({
			code: "wrap-failed",
			details: { attempts: [{ outcome: "misconfigured" }] },
		});
		expect(JSON.stringify(error)).toContain("SOPS_GCP_KMS_ENDPOINT");
		expect(JSON.stringify(error)).not.toContain("can ary");
	});

	it("a key that nobody can wrap for is not left out", async () => {
		const id = "tr-west-1:0d0466b0-e727-4d9c-b35d-f84bb474a37f";
		const sops = createSops({ environment: { SOPS_HUAWEICLOUD_KMS_IDS: id } });
		await expect(sops.encryptDocument("a: b\n", { format: "yaml" })).rejects.toMatchObject({
			code: "wrap-failed",
			details: { attempts: [{ key: { type: "hckms", id }, outcome: "misconfigured" }] },
		});
	});
});
