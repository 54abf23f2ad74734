import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { KeyProvider, MasterKey } from "@sopskit/core";
import { describeGnupg } from "@sopskit/reference/gnupg";
import { testKeyProvider } from "@sopskit/testing";
import { afterAll, describe, it } from "vitest";
import { generatePgpKey, pgp, pgpRecipient, pgpRef } from "../src/index.ts";
import { gpg, pgpKeyring, privateKeyring } from "../src/node.ts";
import { SOPS_ENTRIES } from "./sops-entry.ts";

const theirs = await generatePgpKey();
const rsa = await generatePgpKey({ type: "rsa4096" });

/** The secret part of armored text, without what surrounds it. */
const linesOf = (armored: string): string[] => armored.split("\n").filter((line) => line.length >= 60);

/** What is read of the environment, and why no harm comes of it. */
const READ_BY_LIBRARY = { NODE_ENV: "openpgp asks it whether to print its own errors" };

const curve25519 = { privateKey: SOPS_ENTRIES.privateKey, fingerprint: SOPS_ENTRIES.fingerprint };
const publicOf = async (privateKey: string): Promise<string> => {
	const { readKey } = await import("openpgp");
	return (await readKey({ armoredKey: privateKey })).toPublic().armor();
};
for (const [name, mine, realEntry] of [
	["Curve25519, an entry through gpg", curve25519, SOPS_ENTRIES.throughGpg],
	["Curve25519, an entry through the Go library", curve25519, SOPS_ENTRIES.throughGo],
	["RSA 4096", rsa, undefined],
] as const) {
	const publicKey = await publicOf(mine.privateKey);
	const recipient = await pgpRecipient(publicKey);
	testKeyProvider(
		{ describe, it },
		{
			name: `pgp, ${name}`,
			provider: () => pgp({ privateKeys: mine.privateKey }),
			ref: pgpRef(mine.fingerprint),
			wrapper: () => recipient,
			stranger: () => pgp({ privateKeys: theirs.privateKey }),
			strangerRef: pgpRef(theirs.fingerprint),
			...(realEntry && { realEntry }),
			canaries: [...linesOf(mine.privateKey), ...linesOf(theirs.privateKey)].filter(
				(line) => !publicKey.includes(line) && !theirs.publicKey.includes(line),
			),
			failingCalls: [
				() => pgp({ privateKeys: mine.privateKey.slice(0, -40) }),
				() => pgp({ publicKeys: mine.privateKey }),
				() => pgp(mine.privateKey as never),
				() => pgp({ [mine.privateKey]: true } as never),
				() => pgpRecipient(mine.privateKey),
				() => pgpRef(mine.privateKey),
				() =>
					pgp({ privateKeys: mine.privateKey.replace(/\n[A-Za-z0-9+/]{60}/, "\n") }).masterKey(
						pgpRef(mine.fingerprint),
					)!.unwrap!("", {}),
			],
			environment: { GNUPGHOME: "/dev/null", SOPS_GPG_EXEC: "false", SOPS_PGP_FP: mine.fingerprint },
			environmentAllowed: READ_BY_LIBRARY,
			skip: {
				"abort-stalled": "works inside the process",
				...(!realEntry && { "real-entry": "the live tests read what gpg and sops wrote" }),
			},
		},
	);
}

describeGnupg("through gpg", (newHome) => {
	const [home, stranger] = [newHome(), newHome()];
	home.gpg(["--import"], curve25519.privateKey);
	stranger.gpg(["--import"], theirs.privateKey);

	// A gpg that never answers.
	const folder = mkdtempSync(join(tmpdir(), "sopskit-pgp-"));
	afterAll(() => rmSync(folder, { recursive: true }));
	const stalled = join(folder, "gpg");
	writeFileSync(stalled, "#!/bin/sh\nexec sleep 600\n");
	chmodSync(stalled, 0o700);

	const made: KeyProvider[] = [];
	afterAll(async () => {
		for (const provider of made) await provider.close?.();
	});
	const keep = (provider: KeyProvider): KeyProvider => {
		made.push(provider);
		return provider;
	};
	// The stranger has the public key, for otherwise it could not be asked to wrap for it.
	const wrapper = (): Promise<MasterKey> => publicOf(curve25519.privateKey).then(pgpRecipient);
	const subjects = {
		gpg: [
			() => gpg({ environment: home.environment }),
			() => gpg({ environment: stranger.environment }),
			() => gpg({ environment: home.environment, program: stalled }),
		],
		pgpKeyring: [
			() => pgpKeyring({ environment: home.environment }),
			() => pgpKeyring({ environment: stranger.environment }),
			() => pgpKeyring({ environment: home.environment, program: stalled, order: ["gpg"] }),
		],
		"pgpKeyring, gpg first": [
			() => pgpKeyring({ home: home.path, privateKeys: curve25519.privateKey, order: ["gpg", "in-process"] }),
			() => pgpKeyring({ home: stranger.path, order: ["gpg", "in-process"] }),
			() => pgpKeyring({ home: home.path, program: stalled, order: ["gpg", "in-process"] }),
		],
		privateKeyring: [
			() => keep(privateKeyring({ privateKeys: curve25519.privateKey, folder: "/tmp" })),
			() => keep(privateKeyring({ privateKeys: theirs.privateKey, folder: "/tmp" })),
			() => gpg({ home: home.path, program: stalled }),
		],
	} as const;
	for (const [name, [provider, other, asleep]] of Object.entries(subjects)) {
		testKeyProvider(
			{ describe, it },
			{
				name,
				provider,
				ref: pgpRef(curve25519.fingerprint),
				wrapper,
				stranger: other,
				strangerRef: pgpRef(theirs.fingerprint),
				realEntry: SOPS_ENTRIES.throughGo,
				stalled: () => ({
					key: asleep().masterKey(SOPS_ENTRIES.throughGpg.entry.ref)!,
					enc: SOPS_ENTRIES.throughGpg.entry.enc,
				}),
				canaries: linesOf(theirs.privateKey).filter((line) => !theirs.publicKey.includes(line)),
				failingCalls: [
					() => gpg({ environment: { [linesOf(theirs.privateKey)[4]!]: "x" }, program: "/nowhere/gpg" }),
					() => gpg(theirs.privateKey as never),
					() => pgpKeyring({ [theirs.privateKey]: 1 } as never),
					() => privateKeyring({ privateKeys: theirs.privateKey.slice(0, -60) }),
				],
				environment: { GNUPGHOME: "/dev/null", SOPS_GPG_EXEC: "false", GNUPG_HOME: "/dev/null" },
				environmentAllowed: READ_BY_LIBRARY,
				skip: {},
			},
		);
	}
});
