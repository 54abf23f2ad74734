import { testKeyProvider } from "@sopskit/testing";
import { describe, it } from "vitest";
import { age, generateIdentity, recipient } from "../src/index.ts";
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
