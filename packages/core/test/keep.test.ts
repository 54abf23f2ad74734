import type { Tree } from "@sopskit/reference";
import { describeReference } from "@sopskit/reference/suite";
import { expect, it } from "vitest";
import { missingLine, touchedOffsets } from "../../../tools/fuzz/check/lines.ts";
import { looseNumbers, withoutComments } from "../../../tools/fuzz/check/typed.ts";
import { generateHandFormatted } from "../../../tools/fuzz/generate/hand-formatted.ts";
import { age, generateIdentity, recipient } from "../../age/src/index.ts";
import { decryptDocument, encryptDocument } from "../src/index.ts";

const FILES = 200;

describeReference("layout keep, on files formatted by hand", (reference) => {
	const selectors = [
		{},
		{ encryptedRegex: "^(stringData|env|vault_users|.*pass.*|.*token.*)$" },
		{ unencryptedSuffix: "_0" },
	];

	for (let seed = 0; seed < FILES; seed++) {
		const { name, text } = generateHandFormatted(seed);
		const selector = selectors[seed % selectors.length]!;
		it(`${name} ${seed}: encrypts values and nothing else, for sops and back`, async () => {
			const { identity, recipient: to } = await generateIdentity();
			const encrypted = await encryptDocument(text, {
				format: "yaml",
				layout: "keep",
				keyGroups: [[recipient(to)]],
				...selector,
			});
			expect(encrypted.findings).toEqual([]);

			const spans = touchedOffsets({ format: "yaml", text, selector: selectorOf(selector) });
			expect(
				missingLine(text, spans, encrypted.text, "yaml"),
				"a line with nothing encrypted",
			).toBeUndefined();
			expect(addedLines(text, encrypted.text), "lines with neither metadata nor an encrypted value").toEqual(
				[],
			);

			const { tree: plain } = await reference.oracle.call("load", { format: "yaml", text });
			const read = await reference.oracle.call("decrypt", {
				format: "yaml",
				text: encrypted.text,
				ageIdentity: identity,
			});
			expect(data(read.tree)).toEqual(data(plain));

			const document = await decryptDocument(encrypted.text, {
				format: "yaml",
				providers: [age({ identities: identity })],
			});
			expect(document.text({ layout: "keep" })).toBe(text);
		});
	}
});

function data(tree: Tree): unknown {
	return looseNumbers(withoutComments(tree));
}

function selectorOf(options: Readonly<Record<string, string>>) {
	if (options.encryptedRegex !== undefined)
		return { name: "encrypted_regex", value: options.encryptedRegex } as const;
	if (options.unencryptedSuffix !== undefined)
		return { name: "unencrypted_suffix", value: options.unencryptedSuffix } as const;
	return undefined;
}

/**
 * Lines of the encrypted file that the source does not have, and that nothing explains. The header of a block
 * scalar belongs to its value: it says how that ends.
 */
function addedLines(source: string, encrypted: string): string[] {
	const known = new Set(source.split("\n"));
	let metadata = false;
	return encrypted.split("\n").filter((line, i, lines) => {
		if (line === "sops:") metadata = true;
		else if (!/^\s/.test(line)) metadata = false;
		const header = /[|>]-?$/.test(line) && lines[i + 1]!.includes("ENC[AES256_GCM,");
		return !metadata && !known.has(line) && !header && !line.includes("ENC[AES256_GCM,");
	});
}

it.each(["{\na: x,\nb: y,\n}\n", "{ a: [[[\n  x\n ]]]\n}\n", "{a: x,}\n", "{ }\n"])(
	"gives a root in flow style back as it was: %j",
	async (text) => {
		const { identity, recipient: to } = await generateIdentity();
		const encrypted = await encryptDocument(text, {
			format: "yaml",
			layout: "keep",
			keyGroups: [[recipient(to)]],
		});
		expect(encrypted.findings).toEqual([]);
		const plain = await decryptDocument(encrypted.text, {
			format: "yaml",
			providers: [age({ identities: identity })],
		});
		expect(plain.text({ layout: "keep" })).toBe(text);
	},
);
