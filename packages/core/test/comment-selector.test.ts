import { expect, it } from "vitest";
import { recipient } from "../../age/src/index.ts";
import { encryptDocument } from "../src/index.ts";
import { refused } from "./refusal.ts";
import { recipientOf } from "./vector-files.ts";

const keyGroups = [[recipient(recipientOf("first"))]];
const encrypt = (unencryptedCommentRegex: string) =>
	encryptDocument("# note\na: 1\n", { format: "yaml", keyGroups, unencryptedCommentRegex });

it("a pattern that every ciphertext matches is refused", async () => {
	const error = await refused(() => encrypt("^ENC"), "comment-selector-ambiguous");
	expect(error.details.path).toEqual([]);
});

it("a pattern that some ciphertexts match is none the worse for it", async () => {
	for (let i = 0; i < 200; i++) expect((await encrypt("QQ")).text).not.toMatch(/^#.*QQ/m);
});
