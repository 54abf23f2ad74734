import { inspect } from "node:util";
import { isSopsError, type KeyError } from "@sopskit/core";
import { describe, expect, it } from "vitest";
import { age, type PassphraseRequest, recipient } from "../src/index.ts";
import { type SshIdentityOptions, sshIdentity } from "../src/node.ts";
import { PASSPHRASE, sshKey } from "./keys.ts";

const part = new Uint8Array(Buffer.from("a data key of thirty-two bytes!!"));
const right = () => PASSPHRASE;

async function unwrap(
	name: string,
	options: SshIdentityOptions,
	line = sshKey(`${name}.pub`),
): Promise<unknown> {
	const key = recipient(line);
	const provider = age({ identities: sshIdentity(sshKey(name), options) });
	return provider.masterKey(key.ref)!.unwrap!(await key.wrap!(part, {}), {});
}

async function failureOf(work: Promise<unknown>): Promise<KeyError> {
	return work.then(
		(value) => {
			throw new Error(`no failure: ${inspect(value)}`);
		},
		(error: KeyError) => error,
	);
}

describe("sshIdentity", () => {
	it.each([
		["ed25519", {}],
		["ed25519-protected", { passphrase: right }],
		["ed25519-cbc", { passphrase: right }],
		["rsa", {}],
		["rsa-protected", { passphrase: async () => PASSPHRASE }],
		["rsa-pem", {}],
		["rsa-pkcs8", {}],
		["rsa-pem-protected", { passphrase: right, publicKey: sshKey("rsa-pem-protected.pub") }],
	])("opens what was wrapped for %s", async (name, options) => {
		expect(await unwrap(name, options)).toEqual(part);
	});

	it("takes bytes, CRLF and Ed25519 in PKCS #8, and names its public half", async () => {
		const bytes = new TextEncoder().encode(sshKey("ed25519").replaceAll("\n", "\r\n"));
		expect(sshKey("ed25519.pub")).toContain(`${sshIdentity(bytes).recipient} `);
		const identity = sshIdentity(sshKey("ed25519-pkcs8"));
		const key = recipient(identity.recipient);
		const enc = await key.wrap!(part, {});
		expect(await age({ identities: identity }).masterKey(key.ref)!.unwrap!(enc, {})).toEqual(part);
	});

	it("asks for a passphrase only when an entry is for this key, and once when it is right", async () => {
		const asked: PassphraseRequest[] = [];
		const identity = sshIdentity(sshKey("ed25519-protected"), {
			name: "~/.ssh/id_ed25519",
			passphrase: (request): string => {
				asked.push(request);
				return asked.length === 1 ? "wrong" : PASSPHRASE;
			},
		});
		const provider = age({ identities: identity });
		const key = recipient(sshKey("ed25519-protected.pub"));
		const enc = await key.wrap!(part, {});
		const other = recipient(sshKey("ed25519.pub"));
		const foreign = await provider.masterKey(other.ref)!.unwrap!(await other.wrap!(part, {}), {});
		expect(foreign).toHaveProperty("notMine");
		expect(asked).toEqual([]);
		const failure = await failureOf(provider.masterKey(key.ref)!.unwrap!(enc, {}));
		expect(failure).toMatchObject({
			outcome: "misconfigured",
			message: "the passphrase of ~/.ssh/id_ed25519 is wrong",
		});
		const all = await Promise.all([1, 2, 3].map(() => provider.masterKey(key.ref)!.unwrap!(enc, {})));
		expect(all).toEqual([part, part, part]);
		expect(asked).toHaveLength(2);
		expect(asked[0]).toMatchObject({ kind: "ssh-key", name: "~/.ssh/id_ed25519" });
	});

	it.each<[string, SshIdentityOptions, string]>([
		["ed25519-protected", {}, "pass the option passphrase"],
		["ed25519-protected", { passphrase: () => "" }, "the function passphrase gave none"],
		[
			"ed25519-protected",
			{
				passphrase: (): string => {
					throw new Error(PASSPHRASE);
				},
			},
			"the function passphrase failed",
		],
		["ed25519-cbc", { passphrase: () => "wrong" }, "is wrong"],
		["ed25519-aes128", { passphrase: right }, "ssh-keygen -p -Z aes256-ctr"],
		[
			"rsa-pem-protected",
			{ passphrase: () => "wrong", publicKey: sshKey("rsa-pem-protected.pub") },
			"is wrong",
		],
	])("says why the passphrase of %s does not do: %j", async (name, options, message) => {
		const failure = await failureOf(unwrap(name, options));
		expect(["misconfigured", "failed"]).toContain(failure.outcome);
		expect(failure.message).toContain(message);
		expect(inspect(failure, { showHidden: true, depth: Infinity })).not.toContain(PASSPHRASE);
	});

	it("refuses a private half that is not that of the public one", async () => {
		const options = { passphrase: right, publicKey: sshKey("rsa.pub") };
		const failure = await failureOf(unwrap("rsa-pem-protected", options, sshKey("rsa.pub")));
		expect(failure.message).toMatch(/^the two halves of the SSH key ssh-rsa .* do not fit/);
		// The public half of another key in the clear part of the container: both have the same length.
		const body = (name: string) => Buffer.from(sshKey(name).split("\n").slice(1, -2).join(""), "base64");
		const [mine, theirs] = [body("ed25519"), body("ed25519-protected")];
		const at = mine.indexOf("ssh-ed25519");
		theirs.copy(mine, at, theirs.indexOf("ssh-ed25519"), theirs.indexOf("ssh-ed25519") + 47);
		const pem = `-----BEGIN OPENSSH PRIVATE KEY-----\n${mine.toString("base64")}\n-----END OPENSSH PRIVATE KEY-----\n`;
		const key = recipient(sshKey("ed25519-protected.pub"));
		const provider = age({ identities: sshIdentity(pem) });
		const mixed = await failureOf(
			provider.masterKey(key.ref)!.unwrap!(await key.wrap!(part, {}), {}) as never,
		);
		expect(mixed.message).toContain("do not fit each other");
	});

	it.each([
		["", "it is no private key"],
		["hunter2", "it is no private key"],
		[sshKey("ed25519.pub"), "it is the public half: pass the content of the file without .pub"],
		[sshKey("ecdsa"), "only ssh-ed25519 and ssh-rsa"],
		[sshKey("rsa-short"), "less than 2048 bits"],
		[sshKey("rsa-pem-protected"), "pass its public half as publicKey"],
		[sshKey("ed25519").replace(/(.{20})\n-----END/, "\n-----END"), "it was altered or cut"],
		[sshKey("rsa-pem").replace(/(.{20})\n-----END/, "\n-----END"), "it was altered or cut"],
		[
			"-----BEGIN EC PRIVATE KEY-----\nAAAA\n-----END EC PRIVATE KEY-----",
			"of a sort that age does not know",
		],
	])("refuses %#", (text, reason) => {
		let thrown: unknown;
		try {
			sshIdentity(text);
		} catch (error) {
			thrown = error;
		}
		if (!isSopsError(thrown, "key-invalid")) throw new Error(`must be key-invalid: ${inspect(thrown)}`);
		expect(thrown.message).toContain(reason);
		if (text.length > 100) expect(inspect(thrown)).not.toContain(text.split("\n")[1]!.slice(0, 30));
	});

	it.each(["ed25519", "rsa"])("survives any damage to the file of %s", async (name) => {
		const key = recipient(sshKey(`${name}.pub`));
		const enc = await key.wrap!(part, {});
		const body = Buffer.from(sshKey(name).split("\n").slice(1, -2).join(""), "base64");
		const outcomes = new Set<string>();
		for (let at = 15; at < body.length; at += name === "rsa" ? 13 : 1) {
			const damaged = Buffer.from(body);
			damaged[at]! ^= 0x40;
			const pem = `-----BEGIN OPENSSH PRIVATE KEY-----\n${damaged.toString("base64")}\n-----END OPENSSH PRIVATE KEY-----`;
			try {
				const result = await age({ identities: sshIdentity(pem) }).masterKey(key.ref)!.unwrap!(enc, {});
				outcomes.add(result instanceof Uint8Array ? "opened" : "not-mine");
				if (result instanceof Uint8Array) expect(result).toEqual(part);
			} catch (error) {
				const coded = isSopsError(error) ? error.code : (error as KeyError).outcome;
				expect(["key-invalid", "misconfigured", "damaged"]).toContain(coded);
				outcomes.add(coded!);
			}
		}
		// The comment, and the number of check, are free; nearly all else is noticed.
		expect(outcomes).toContain("key-invalid");
		expect(outcomes).toContain("misconfigured");
	});

	it("refuses misuse, and shows nothing of the key", () => {
		expect(() => sshIdentity(1 as never)).toThrow(expect.objectContaining({ code: "argument-invalid" }));
		expect(() => sshIdentity("", { password: "x" } as never)).toThrow(
			expect.objectContaining({ code: "option-unknown" }),
		);
		expect(() => sshIdentity("", { passphrase: "x" } as never)).toThrow("passphrase must be a function");
		const identity = sshIdentity(sshKey("ed25519"));
		expect(inspect(identity, { showHidden: true, depth: Infinity })).not.toContain("PRIVATE");
	});
});
