import { openReference, type RunResult } from "@sopskit/reference";
import type { OpenBao } from "@sopskit/servers/suite";

/** Keys of three kinds in two engines, and a token that may use the first engine only. */
export interface BaoKeys {
	readonly url: string;
	readonly aes: string;
	readonly other: string;
	readonly rsa: string;
	/** In an engine whose path has a slash. */
	readonly nested: string;
	/** May encrypt and decrypt with keys of the engine `transit`. */
	readonly token: string;
}

const POLICY = ["encrypt", "decrypt"]
	.map((operation) => `path "transit/${operation}/*" { capabilities = ["update"] }`)
	.join("\n");

export async function baoKeys(bao: OpenBao): Promise<BaoKeys> {
	await bao.call("POST", "sys/mounts/transit", { type: "transit" });
	await bao.call("POST", "sys/mounts/team/transit", { type: "transit" });
	const keys = { sops: "aes256-gcm96", other: "aes256-gcm96", rsa: "rsa-2048" };
	for (const [name, type] of Object.entries(keys)) await bao.call("POST", `transit/keys/${name}`, { type });
	await bao.call("POST", "team/transit/keys/sops", { type: "chacha20-poly1305" });
	await bao.call("PUT", "sys/policies/acl/user", { policy: POLICY });
	return {
		url: bao.url,
		aes: `${bao.url}/v1/transit/keys/sops`,
		other: `${bao.url}/v1/transit/keys/other`,
		rsa: `${bao.url}/v1/transit/keys/rsa`,
		nested: `${bao.url}/v1/team/transit/keys/sops`,
		token: await newToken(bao),
	};
}

export async function newToken(bao: OpenBao): Promise<string> {
	const { auth } = (await bao.call("POST", "auth/token/create", { policies: ["user"], no_parent: true })) as {
		auth: { client_token: string };
	};
	return auth.client_token;
}

/** A Vault entry of a file, as JSON has it. */
export interface Entry {
	readonly vault_address: string;
	readonly engine_path: string;
	readonly key_name: string;
	readonly enc: string;
	readonly created_at: string;
}

export async function runSops(
	args: readonly string[],
	env: Readonly<Record<string, string>>,
	input: string,
): Promise<RunResult> {
	const reference = openReference();
	if (reference === undefined) throw new Error("the reference is not installed");
	const types = ["--input-type", "json", "--output-type", "json", "--filename-override", "a.json"];
	return reference.runSops(["--disable-version-check", ...args, ...types], { env, input });
}

/** A JSON file that sops encrypted. */
export async function sopsFile(uris: string, env: Readonly<Record<string, string>>): Promise<string> {
	const result = await runSops(["encrypt", "--hc-vault-transit", uris], env, '{"hello": "world"}');
	if (result.status !== 0) throw new Error(`sops: ${result.stderr}`);
	return result.stdout;
}

export const sopsDecrypt = (text: string, env: Readonly<Record<string, string>>): Promise<RunResult> =>
	runSops(["decrypt"], env, text);
