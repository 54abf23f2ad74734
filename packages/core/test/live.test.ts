import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Reference, Selector } from "@sopskit/reference";
import { describeReference } from "@sopskit/reference/suite";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { age, recipient } from "../../age/src/index.ts";
import type { Format } from "../src/formats/formats.ts";
import { decryptDocument } from "../src/operations/decrypt.ts";
import { encryptDocument, encryptWith } from "../src/operations/encrypt.ts";
import type { SelectorOptions } from "../src/selectors.ts";
import { masked } from "./masked.ts";
import { identityFile, recipientOf, VECTORS, vector } from "./vector-files.ts";

const IDENTITY = identityFile("first");
const RECIPIENT = recipientOf("first");
const providers = [age({ identities: IDENTITY })];
const keyGroups = [[recipient(RECIPIENT)]];

/** A selector as `sops`, the oracle and this library take it. */
interface Chosen {
	readonly name: string;
	readonly args: readonly string[];
	readonly selectors: { readonly [name in Selector]?: string };
	readonly options: SelectorOptions;
}

const chosen = (name: Selector, option: keyof SelectorOptions, value: string): Chosen => ({
	name,
	args: [`--${name.replaceAll("_", "-")}`, value],
	selectors: { [name]: value },
	options: { [option]: value },
});

const SELECTORS: readonly Chosen[] = [
	{ name: "no selector", args: [], selectors: {}, options: {} },
	chosen("unencrypted_suffix", "unencryptedSuffix", "_plain"),
	chosen("encrypted_suffix", "encryptedSuffix", "_secret"),
	chosen("unencrypted_regex", "unencryptedRegex", "^(service|settings_.*|limits)$"),
	chosen("encrypted_regex", "encryptedRegex", "(?i)PASS|^tokens|second|[[:digit:]]$"),
	chosen("unencrypted_comment_regex", "unencryptedCommentRegex", "^ public|head in"),
	chosen("encrypted_comment_regex", "encryptedCommentRegex", "private|inside|head of"),
];

const PLAIN: Readonly<Record<string, { readonly format: Format; readonly text: string }>> = {
	"yaml with every selector's places": {
		format: "yaml",
		text: vector("yaml/selector-unencrypted-suffix").plain,
	},
	"yaml with comments everywhere": { format: "yaml", text: vector("yaml/comments").plain },
	"yaml with several documents": { format: "yaml", text: vector("yaml/multi-document").plain },
	"yaml with every type": { format: "yaml", text: vector("yaml/leaf-types").plain },
	"json with every selector's places": {
		format: "json",
		text: vector("json/selector-unencrypted-suffix").plain,
	},
	"json with every type": { format: "json", text: vector("json/leaf-types").plain },
};

/** Which encryption is refused, and by whom, is compared too. */
type Outcome = { readonly text: string } | "refused";

async function outcome(work: Promise<{ readonly text: string }>): Promise<Outcome> {
	try {
		return { text: (await work).text };
	} catch {
		return "refused";
	}
}

describeReference("with the sops binary", (reference) => {
	let folder: string;
	beforeAll(() => {
		folder = mkdtempSync(join(tmpdir(), "sopskit-live-"));
	});
	afterAll(() => rmSync(folder, { recursive: true, force: true }));

	async function sops(format: Format, args: readonly string[], text: string): Promise<Outcome> {
		const file = join(folder, `file.${format}`);
		writeFileSync(file, text);
		const env = { SOPS_AGE_KEY: IDENTITY };
		const { status, stdout } = await reference.runSops([...args, file], { env });
		return status === 0 ? { text: stdout } : "refused";
	}
	const text = (given: Outcome): string => {
		if (given === "refused") throw new Error("it was refused");
		return given.text;
	};

	for (const [name, { format, text: plain }] of Object.entries(PLAIN)) {
		describe(name, () => {
			for (const { name, args, options } of SELECTORS) {
				for (const macOnlyEncrypted of [false, true]) {
					it(`${name}${macOnlyEncrypted ? ", mac_only_encrypted" : ""}`, async () => {
						const flags = macOnlyEncrypted ? ["--mac-only-encrypted"] : [];
						const theirs = await sops(format, ["--encrypt", "--age", RECIPIENT, ...args, ...flags], plain);
						const work = encryptDocument(plain, { format, keyGroups, macOnlyEncrypted, ...options });
						const ours = await outcome(work);

						// What it writes we read.
						const read = await decryptDocument(text(theirs), { format, providers });
						expect(read.text()).toBe(text(await sops(format, ["--decrypt"], text(theirs))));
						// What we write it reads.
						const back = text(await sops(format, ["--decrypt"], text(ours)));
						expect(back).toBe((await decryptDocument(text(ours), { format, providers })).text());
						// And both wrote the same.
						expect(back).toBe(read.text());
						expect(masked(text(ours))).toBe(masked(text(theirs)));
					});
				}
			}

			it("in the author's layout", async () => {
				const ours = await encryptDocument(plain, { format, keyGroups, layout: "keep" });
				const back = text(await sops(format, ["--decrypt"], ours.text));
				const theirs = await sops(format, ["--encrypt", "--age", RECIPIENT], plain);
				expect(back).toBe(text(await sops(format, ["--decrypt"], text(theirs))));
			});
		});
	}

	it("several recipients and key groups", async () => {
		const groups = ["first", "second", "third"].map((name) => [recipient(recipientOf(name))]);
		const { text: plain } = PLAIN["yaml with comments everywhere"]!;
		const together = await encryptDocument(plain, { format: "yaml", keyGroups: [groups.flat()] });
		const apart = await encryptDocument(plain, { format: "yaml", keyGroups: groups, shamirThreshold: 2 });
		const read = async (encrypted: string, names: readonly string[]): Promise<Outcome> => {
			const file = join(folder, "groups.yaml");
			writeFileSync(file, encrypted);
			const env = { SOPS_AGE_KEY: names.map(identityFile).join("\n") };
			const { status, stdout } = await reference.runSops(["--decrypt", file], { env });
			return status === 0 ? { text: stdout } : "refused";
		};
		const expected = (await decryptDocument(together.text, { format: "yaml", providers })).text();
		for (const name of ["first", "second", "third"]) {
			expect(await read(together.text, [name])).toEqual({ text: expected });
			expect(await read(apart.text, [name])).toBe("refused");
		}
		expect(await read(apart.text, ["second", "third"])).toEqual({ text: expected });
	});
});

/** Encrypts with both under one data key, and compares bytes, typed trees and MACs. */
async function compare(
	reference: Reference,
	format: Format,
	text: string | Uint8Array,
	{ selectors, options }: Chosen,
	macOnlyEncrypted: boolean,
): Promise<"same" | "both refuse"> {
	const dataKey = Uint8Array.from({ length: 32 }, (_, i) => (i * 29 + 3) % 256);
	const lastModified = "2024-05-06T07:08:09Z";
	let drawn = 0;
	const seams = {
		now: () => new Date(lastModified),
		random: (length: number) =>
			drawn++ === 0 ? dataKey.slice() : globalThis.crypto.getRandomValues(new Uint8Array(length)),
	};
	const args = {
		format,
		text,
		selectors,
		macOnlyEncrypted,
		dataKey,
		lastModified,
		ageRecipients: [RECIPIENT],
	};
	const theirs = await outcome(reference.oracle.call("encrypt", args));
	const ours = await outcome(encryptWith(text, { format, keyGroups, macOnlyEncrypted, ...options }, seams));
	if (theirs === "refused" || ours === "refused") {
		expect(ours).toEqual(theirs);
		return "both refuse";
	}
	expect(masked(ours.text)).toBe(masked(theirs.text));
	const own = await outcome(reference.oracle.call("decrypt", { format, text: theirs.text, dataKey }));
	if (own === "refused") {
		// It cannot read what it wrote, and both wrote the same.
		const other = reference.oracle.call("decrypt", { format, text: ours.text, dataKey });
		expect(await outcome(other)).toBe("refused");
		return "both refuse";
	}
	// The MAC: both verify the other's, and compute the same.
	const ofOurs = await reference.oracle.call("decrypt", { format, text: ours.text, dataKey });
	const ofTheirs = await reference.oracle.call("decrypt", { format, text: theirs.text, dataKey });
	expect(ofOurs.storedMac).toBe(ofTheirs.storedMac);
	expect(ofOurs.computedMac).toBe(ofOurs.storedMac);
	expect(ofOurs.tree).toEqual(ofTheirs.tree);
	const read = await decryptDocument(theirs.text, { format, providers });
	expect(Buffer.from(read.bytes()).equals(ofTheirs.bytes)).toBe(true);
	return "same";
}

// Generated documents are the business of `npm run fuzz`.
describeReference("with the oracle, byte for byte", (reference) => {
	it("the mask takes out what is random and nothing else", () => {
		const { encrypted } = vector("yaml/comments");
		expect(masked(encrypted)).not.toBe(masked(encrypted.replace("third:", "fourth:")));
		expect(masked(encrypted)).not.toBe(masked(encrypted.replace(/\n +#/, "\n#")));
		expect(masked(encrypted)).not.toBe(masked(encrypted.replace("type:str", "type:int")));
		expect(masked(encrypted)).toBe(masked(encrypted.replace(/iv:./, "iv:0")));
	});

	for (const { name, format, plainBytes } of VECTORS) {
		it(name, async () => {
			let same = 0;
			for (const selector of SELECTORS) {
				for (const macOnly of [false, true]) {
					if ((await compare(reference, format, plainBytes, selector, macOnly)) === "same") same++;
				}
			}
			expect(same).toBeGreaterThanOrEqual(10);
		});
	}
});
