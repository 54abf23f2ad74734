import { execFile } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import type { Reference } from "@sopskit/reference";
import { type Exchange, recordExchanges } from "../servers/exchanges.ts";
import { startMoto } from "../servers/moto.ts";
import { startOpenBao } from "../servers/openbao.ts";
import type { ExchangeTwin, ExchangeVector } from "./exchange-vectors.ts";

type Recorder = Awaited<ReturnType<typeof recordExchanges>>;
type Twin = readonly [name: string, outcome: string, find: RegExp, by: string];

interface Case {
	readonly service: "aws-kms" | "hc-vault";
	readonly name: string;
	readonly keys: readonly string[];
	readonly format: ExchangeVector["format"];
	readonly twins: readonly Twin[];
	/** Beside those of the service. */
	readonly environment?: Readonly<Record<string, string>>;
	/** Another version than the pinned one. */
	readonly old?: string;
	/** What happens on the server between encrypting and decrypting. */
	readonly between?: () => Promise<unknown>;
}

const PLAIN: Readonly<Record<ExchangeVector["format"], string>> = {
	yaml: "# a file of a key service\npassword: known plaintext\nlist:\n    - 1\n    - true\n",
	json: '{"password": "known plaintext", "list": [1, true]}\n',
	dotenv: "PASSWORD=known plaintext\n",
	ini: "[section]\npassword = known plaintext\n",
	binary: "known plaintext\n",
};

/** @param oldVersions - a folder with `<version>/sops`; without it, what older versions wrote is not made */
export async function makeExchanges(reference: Reference, oldVersions: string | undefined): Promise<void> {
	const target = join(process.cwd(), "vectors", "exchanges");
	rmSync(target, { recursive: true, force: true });
	const [moto, bao] = await Promise.all([startMoto(), startOpenBao()]);
	const [kms, vault] = await Promise.all([recordExchanges(moto.url), recordExchanges(bao.url)]);
	const own = {
		"aws-kms": {
			...{ AWS_ENDPOINT_URL_KMS: kms.url, AWS_ENDPOINT_URL_STS: kms.url, AWS_EC2_METADATA_DISABLED: "true" },
			...{ AWS_ACCESS_KEY_ID: "AKIARECORDED", AWS_SECRET_ACCESS_KEY: "recorded" },
		},
		// The agent leads to the server, and the file has an address that stays.
		"hc-vault": { VAULT_AGENT_ADDR: vault.url, VAULT_TOKEN: bao.rootToken, VAULT_MAX_RETRIES: "0" },
	};
	const recorders = { "aws-kms": kms, "hc-vault": vault };
	const servers = { "aws-kms": "moto", "hc-vault": "OpenBao" };
	try {
		for (const made of [...(await awsCases(moto)), ...(await vaultCases(bao))]) {
			if (made.old !== undefined && !existsSync(join(oldVersions ?? "", made.old, "sops"))) {
				console.error(`vectors: ${made.service}/${made.name} needs sops ${made.old}, and is left out`);
				continue;
			}
			const environment = { ...own[made.service], ...made.environment };
			const vector = await record(reference, made, environment, recorders[made.service], oldVersions);
			mkdirSync(join(target, made.service), { recursive: true });
			const { environment: passed = {} } = made;
			const { sops, ...others } = vector;
			const server = servers[made.service];
			const whole: ExchangeVector = { sops, server, environment: passed, ...others };
			writeFileSync(
				join(target, made.service, `${made.name}.json`),
				`${JSON.stringify(whole, undefined, "\t")}\n`,
			);
		}
	} finally {
		await Promise.all([kms.close(), vault.close(), moto.stop(), bao.stop()]);
	}
}

const ALTERED: Twin = ["altered", "wrong-key", /(?<="?enc"?[:=] ?"?[^\n"]{60})\w{2}/, "zz"];

async function awsCases(moto: Awaited<ReturnType<typeof startMoto>>): Promise<readonly Case[]> {
	const [key, other, gov, china] = await Promise.all(
		["eu-west-1", "eu-west-1", "us-gov-west-1", "cn-north-1"].map((region) => moto.createKey(region)),
	);
	const alias = await moto.createAlias("recorded", key!);
	const role = "arn:aws:iam::123456789012:role/team/recorded";
	const aws = { service: "aws-kms", twins: [] } as const;
	const partition = (arn: string, name: string): string => arn.replace("arn:aws:", `arn:${name}:`);
	return [
		{
			...{ ...aws, name: "key", keys: ["--kms", key!], format: "yaml" },
			twins: [
				ALTERED,
				["arn-of-another-key", "denied", new RegExp(key!), other!],
				["region-of-another-key", "denied", /eu-west-1/, "eu-west-2"],
				["arn-of-no-key", "misconfigured", /arn:aws:kms:/, "arn:aws:s3:"],
				["no-base64", "damaged", /(?<=enc: .{20})./, "!"],
			],
		},
		{ ...aws, name: "alias", keys: ["--kms", alias], format: "json" },
		{
			...{ ...aws, name: "context", keys: ["--kms", key!, "--encryption-context", "app:shop,Env:ü"] },
			format: "dotenv",
			twins: [
				["context-changed", "wrong-key", /shop/, "ship"],
				["context-renamed", "wrong-key", /context__?map_app/, "context__map_App"],
			],
		},
		{ ...aws, name: "role", keys: ["--kms", `${key}+${role}`], format: "ini" },
		{ ...aws, name: "us-gov", keys: ["--kms", partition(gov!, "aws-us-gov")], format: "binary" },
		{
			...aws,
			name: "china",
			keys: ["--kms", partition(china!, "aws-cn")],
			format: "json",
		},
		{ ...aws, name: "two-keys", keys: ["--kms", `${key},${gov}`], format: "yaml" },
		{ ...aws, name: "sops-3.9.4", keys: ["--kms", key!], format: "yaml", old: "3.9.4" },
	];
}

async function vaultCases(bao: Awaited<ReturnType<typeof startOpenBao>>): Promise<readonly Case[]> {
	const within = { "x-vault-namespace": "branch" };
	await bao.call("POST", "sys/mounts/transit", { type: "transit" });
	await bao.call("POST", "sys/mounts/team/transit", { type: "transit" });
	await bao.call("POST", "sys/namespaces/branch", {});
	await bao.call("POST", "sys/mounts/transit", { type: "transit" }, within);
	await bao.call("POST", "transit/keys/sops", {}, within);
	for (const [path, type] of [
		["transit/keys/sops", "aes256-gcm96"],
		["transit/keys/other", "aes256-gcm96"],
		["transit/keys/rsa", "rsa-2048"],
		["transit/keys/rotated", "aes256-gcm96"],
		["team/transit/keys/sops", "chacha20-poly1305"],
	])
		await bao.call("POST", path!, { type });
	const uri = (path: string): readonly string[] => [
		"--hc-vault-transit",
		`https://vault.example.com:8200/v1/${path}`,
	];
	const vault = { service: "hc-vault", twins: [] } as const;
	const rotate = () => bao.call("POST", "transit/keys/rotated/rotate", {});
	return [
		{
			...{ ...vault, name: "aes", keys: uri("transit/keys/sops"), format: "yaml" },
			twins: [
				ALTERED,
				["name-of-another-key", "wrong-key", /key_name: sops/, "key_name: other"],
				["name-of-no-key", "denied", /key_name: sops/, "key_name: none"],
				["version-too-new", "wrong-key", /vault:v1:/, "vault:v9:"],
				["no-ciphertext", "damaged", /vault:v1:/, ""],
				["engine-of-nobody", "misconfigured", /engine_path: transit/, "engine_path: nowhere"],
			],
		},
		{ ...vault, name: "rsa", keys: uri("transit/keys/rsa"), format: "json" },
		{ ...vault, name: "nested-engine", keys: uri("team/transit/keys/sops"), format: "dotenv" },
		{ ...vault, name: "rotated-since", keys: uri("transit/keys/rotated"), format: "ini", between: rotate },
		{ ...vault, name: "second-version", keys: uri("transit/keys/rotated"), format: "json" },
		{
			...{ ...vault, name: "namespace", keys: uri("transit/keys/sops"), format: "binary" },
			environment: { VAULT_NAMESPACE: "branch" },
		},
		...["3.8.1", "3.9.4"].map(
			(old): Case => ({ ...vault, name: `sops-${old}`, keys: uri("transit/keys/sops"), format: "yaml", old }),
		),
	];
}

async function record(
	reference: Reference,
	{ keys, format, twins, old, between }: Case,
	env: Readonly<Record<string, string>>,
	recorder: Recorder,
	oldVersions: string | undefined,
): Promise<Omit<ExchangeVector, "server" | "environment">> {
	const types = ["--input-type", format, "--output-type", format];
	const run = async (input: string, ...args: readonly string[]) => {
		const result = await reference.runSops(["--disable-version-check", ...args, ...types], { env, input });
		return { ...result, exchanges: recorder.take() };
	};
	const plain = PLAIN[format];
	const command = ["encrypt", ...keys, ...types];
	let encrypted: string;
	if (old === undefined) {
		const result = await run(plain, "encrypt", "--filename-override", "a", ...keys);
		if (result.status !== 0) throw new Error(`sops: ${result.stderr}`);
		encrypted = result.stdout;
	} else {
		const folder = mkdtempSync(join(tmpdir(), "sopskit-exchanges-"));
		writeFileSync(join(folder, "plain"), plain);
		const args = ["--encrypt", ...keys, ...types, join(folder, "plain")];
		const passed = { env: { PATH: process.env.PATH, HOME: folder, ...env } };
		// Without blocking: the recorder is in this process.
		encrypted = (await promisify(execFile)(join(oldVersions!, old, "sops"), args, passed)).stdout;
		rmSync(folder, { recursive: true });
		recorder.take();
	}
	await between?.();
	recorder.take();
	const opened = await run(encrypted, "decrypt", "--filename-override", "a");
	if (opened.status !== 0) throw new Error(`sops: ${opened.stderr}`);
	const damaged: ExchangeTwin[] = [];
	for (const [name, outcome, find, by] of twins) {
		const found = find.exec(encrypted)?.[0];
		if (found === undefined) throw new Error(`${name} changes nothing`);
		// From the place on, so that the test finds the same one.
		const at = encrypted.search(find);
		const before = encrypted.slice(encrypted.lastIndexOf("\n", at) + 1, at);
		const replace = [before + found, before + by] as const;
		const result = await run(encrypted.replace(...replace), "decrypt", "--filename-override", "a");
		if (result.status === 0) throw new Error(`sops opens the twin ${name}`);
		damaged.push({ name, replace, outcome, exchanges: result.exchanges.map(lasting) });
	}
	const { sops } = (await reference.oracle.call("version", {})) as { sops: string };
	return {
		sops: old ?? sops,
		command,
		format,
		plain: opened.stdout,
		encrypted,
		exchanges: opened.exchanges.map(lasting),
		twins: damaged,
	};
}

/** The credentials of a role last for ever, and look like none; the name of the machine is left out. */
function lasting(exchange: Exchange): Exchange {
	const { body } = exchange.answer;
	if (typeof body !== "string") return exchange;
	const text = body
		.replace(/(?<=<Expiration>)[^<]*/, "2100-01-01T00:00:00Z")
		.replace(/(?<=<(?:SecretAccessKey|SessionToken)>)[^<]*/g, "throw-away")
		.replace(/sops@[^<]*/g, "sops@…");
	return { ...exchange, answer: { ...exchange.answer, body: text } };
}
