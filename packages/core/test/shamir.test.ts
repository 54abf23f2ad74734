// Every subset of the key groups: those of the threshold and above open a file, all others do not.
import { describeReference } from "@sopskit/reference/suite";
import { describe, expect, it } from "vitest";
import { age, recipient } from "../../age/src/index.ts";
import { decryptDocument, encryptDocument } from "../src/index.ts";
import { refused, secretsOf } from "./refusal.ts";
import { identityFile, recipientOf } from "./vector-files.ts";

const NAMES = ["first", "second", "third", "stranger"];
const PLAIN = "a: canary of a split file\n";

function* subsets(count: number): Generator<number[]> {
	for (let bits = 0; bits < 2 ** count; bits++)
		yield Array.from({ length: count }, (_, i) => i).filter((i) => bits & (1 << i));
}

const made = (groups: number, shamirThreshold: number) =>
	encryptDocument(PLAIN, {
		format: "yaml",
		keyGroups: NAMES.slice(0, groups).map((name) => [recipient(recipientOf(name))]),
		shamirThreshold,
	});

describe("key groups", () => {
	for (const groups of [2, 3, 4]) {
		for (let threshold = 2; threshold <= groups; threshold++) {
			it(`${threshold} of ${groups}: opens with every subset of that size, and with no smaller one`, async () => {
				const { text } = await made(groups, threshold);
				const secrets = secretsOf({ values: ["canary of a split file"] });
				for (const subset of subsets(groups)) {
					const identities = subset.map((i) => identityFile(NAMES[i]!));
					const open = () =>
						decryptDocument(text, {
							format: "yaml",
							providers: [age(identities.length > 0 ? { identities } : {})],
						});
					if (subset.length >= threshold) expect((await open()).text()).toBe(PLAIN);
					else {
						const error = await refused(open, "data-key-unavailable", secrets);
						expect(error.details).toMatchObject({ groups, threshold });
						expect(error.details.attempts.length).toBe(groups - subset.length);
					}
				}
			});
		}
	}
});

describeReference("split files of each other", (reference) => {
	it("open in every subset of two out of three", async () => {
		const ageIdentity = (subset: readonly number[]) => subset.map((i) => identityFile(NAMES[i]!)).join("\n");
		const ours = (await made(3, 2)).text;
		const theirs = await reference.oracle.call("encrypt", {
			format: "yaml",
			text: PLAIN,
			keyGroups: NAMES.slice(0, 3).map((name) => [recipientOf(name)]),
			shamirThreshold: 2,
		});
		for (const subset of subsets(3)) {
			if (subset.length === 0) continue;
			const byThem = reference.oracle.call("decrypt", {
				format: "yaml",
				text: ours,
				ageIdentity: ageIdentity(subset),
			});
			const providers = [age({ identities: subset.map((i) => identityFile(NAMES[i]!)) })];
			const byUs = decryptDocument(theirs.text, { format: "yaml", providers });
			if (subset.length < 2) {
				await expect(byThem).rejects.toThrow();
				await expect(byUs).rejects.toThrow();
			} else {
				expect((await byThem).text).toBe(PLAIN);
				expect((await byUs).text()).toBe(PLAIN);
			}
		}
	});
});
