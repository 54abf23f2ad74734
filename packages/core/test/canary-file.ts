import { age, recipient } from "../../age/src/index.ts";
import type { Secret } from "../../testing/src/secret-search.ts";
import type { Format } from "../src/formats/formats.ts";
import type { KeyProvider } from "../src/keys/contract.ts";
import { type EncryptOptions, encryptWith } from "../src/operations/encrypt.ts";
import { secretsOf } from "./refusal.ts";
import { identityFile, recipientOf } from "./vector-files.ts";

/** Values that stand nowhere else: found in an error, they have leaked. */
export const CANARIES = {
	password: "canary-password-7Qm2",
	token: "canary-token-x81Z",
	listed: "canary-listed-Jw3k",
	number: "48151623427",
	comment: "canary-comment-p0Rt",
} as const;

export const DATA_KEY: Uint8Array = Uint8Array.from({ length: 32 }, (_, i) => (i * 41 + 7) % 256);

/** The formats that hold nested data and every type. */
export type CanaryFormat = Extract<Format, "yaml" | "json">;

export const PLAIN: Readonly<Record<CanaryFormat, string>> = {
	yaml: `password: ${CANARIES.password}
# ${CANARIES.comment}
nested:
    token: ${CANARIES.token}
    number: ${CANARIES.number}
    flag: true
list:
    - ${CANARIES.listed}
    - second
shown_unencrypted: clear
`,
	json: `{
	"password": "${CANARIES.password}",
	"nested": {
		"token": "${CANARIES.token}",
		"number": ${CANARIES.number},
		"flag": true
	},
	"list": [
		"${CANARIES.listed}",
		"second"
	],
	"shown_unencrypted": "clear"
}
`,
};

/** All that may not be in any error about the canary file. */
export const SECRETS: readonly Secret[] = secretsOf({
	values: Object.values(CANARIES),
	dataKey: DATA_KEY,
	identities: [identityFile("first"), identityFile("stranger")],
});

export const providers: readonly KeyProvider[] = [age({ identities: identityFile("first") })];
export const strangers: readonly KeyProvider[] = [age({ identities: identityFile("stranger") })];
export const keyGroups = [[recipient(recipientOf("first"))]];

/** A plain file encrypted under {@link DATA_KEY}, always with the same IVs. */
export async function encrypted(
	format: CanaryFormat,
	options: Partial<EncryptOptions> = {},
	plain: string = PLAIN[format],
): Promise<string> {
	let drawn = 0;
	const random = (length: number): Uint8Array =>
		drawn++ === 0 ? DATA_KEY.slice() : Uint8Array.from({ length }, (_, i) => (i * 13 + drawn) % 256);
	const now = (): Date => new Date("2024-05-06T07:08:09Z");
	return (await encryptWith(plain, { format, keyGroups, ...options }, { random, now })).text;
}
