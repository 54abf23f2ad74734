import { testKeyProvider } from "@sopskit/testing";
import { afterAll, describe, it } from "vitest";
import { age, generateIdentity, recipient } from "../src/index.ts";
import { agePlugins, sshIdentity } from "../src/node.ts";
import { ASKER, installAsker } from "./asker.ts";
import { sshKey } from "./keys.ts";
import { X25519_ENTRY } from "./sops-entry.ts";

const theirs = await generateIdentity();
for (const type of ["x25519", "hybrid"] as const) {
	const mine = type === "x25519" ? X25519_ENTRY : await generateIdentity({ type });
	testKeyProvider(
		{ describe, it },
		{
			name: `age, ${type}`,
			provider: () => age({ identities: mine.identity }),
			ref: recipient(mine.recipient).ref,
			wrapper: () => recipient(mine.recipient),
			stranger: () => age({ identities: theirs.keyFile }),
			strangerRef: recipient(theirs.recipient).ref,
			...("entry" in mine && { realEntry: mine }),
			canaries: [mine.identity, theirs.identity],
			failingCalls: [
				() => age({ identities: `${mine.identity}X` }),
				() => age({ identities: mine.identity.replace(/.$/, (last) => (last === "Q" ? "P" : "Q")) }),
				() => age({ identities: [theirs.keyFile, `# a comment\n${mine.identity} ${theirs.identity}`] }),
				() => age({ [mine.identity]: true } as never),
				() => age(mine.identity as never),
				() => recipient(mine.identity),
				() =>
					age().masterKey({ type: "age", id: "", fields: { recipient: mine.identity } })!.wrap!(
						new Uint8Array(1),
						{},
					),
				() => age().masterKey({ type: "age", id: "", fields: { recipient: mine.identity } })!.unwrap!("", {}),
			],
			environment: { SOPS_AGE_KEY: mine.identity, SOPS_AGE_KEY_FILE: "/dev/null", SOPS_AGE_KEY_CMD: "false" },
			skip: {
				"abort-stalled": "works inside the process",
				...(!("entry" in mine) && { "real-entry": "the live tests read what age and sops wrote" }),
			},
		},
	);
}

const secretOf = (name: string): string => sshKey(name).split("\n")[3]!;
for (const [mine, other] of [
	["ed25519", "ed25519-pkcs8"],
	["rsa", "rsa-pem"],
] as const) {
	const own = sshIdentity(sshKey(mine));
	const stranger = sshIdentity(sshKey(other));
	testKeyProvider(
		{ describe, it },
		{
			name: `age, ssh-${mine}`,
			provider: () => age({ identities: sshIdentity(sshKey(mine)) }),
			ref: recipient(own.recipient).ref,
			wrapper: () => recipient(own.recipient),
			stranger: () => age({ identities: stranger }),
			strangerRef: recipient(stranger.recipient).ref,
			canaries: [secretOf(mine)],
			failingCalls: [
				() => sshIdentity(`${sshKey(mine)}x`),
				() => age({ identities: sshKey(mine) }),
				() => recipient(sshKey(mine)),
			],
			environment: { SOPS_AGE_SSH_PRIVATE_KEY_CMD: "false", SSH_AUTH_SOCK: "/dev/null" },
			skip: {
				"abort-stalled": "works inside the process",
				"real-entry": "the live tests read what age and sops wrote",
			},
		},
	);
}

if (process.platform !== "win32") {
	const { path, remove } = installAsker();
	afterAll(remove);
	const plugins = (mode: string) =>
		agePlugins({ allow: ["asker"], environment: { PATH: path, ASKER: mode } });
	const quiet = plugins("quiet");
	const provider = (identities: string) => age({ identities, plugins: quiet });
	testKeyProvider(
		{ describe, it },
		{
			name: "age, a plugin",
			provider: () => provider(ASKER.identity),
			ref: recipient(ASKER.recipient, { plugins: quiet }).ref,
			stranger: () => provider(ASKER.stranger),
			strangerRef: recipient(ASKER.strangerRecipient, { plugins: quiet }).ref,
			async stalled() {
				const { ref, wrap } = recipient(ASKER.recipient, { plugins: quiet });
				const stalling = age({ identities: ASKER.identity, plugins: plugins("hang") });
				return { key: stalling.masterKey(ref)!, enc: await wrap!(new Uint8Array(32), {}) };
			},
			canaries: [ASKER.identity],
			environment: { ASKER: "die" },
			skip: {
				"real-entry": "no other tool knows this plugin",
				"wrong-key": "whose a recipient is, only its plugin knows: what it does not open is not mine",
				"damaged-enc": "likewise",
			},
		},
	);
}
