import { describe, expect, it } from "vitest";
import { age, generateIdentity, recipient } from "../../age/src/index.ts";
import { decryptDocument, encryptDocument, isSopsError } from "../src/index.ts";

// What docs/security.md says that the MAC covers and does not. It is the format's doing, not a wish.

const [mine, theirs] = await Promise.all([generateIdentity(), generateIdentity()]);
const providers = [age({ identities: [mine.identity, theirs.identity] })];
const plain =
	"secret: one\n# comment\nother_secret: two\nlist_secret:\n    - a\n    - b\nclear1: ab\nclear2: c\n";
const encrypt = async (macOnlyEncrypted: boolean): Promise<string> => {
	const keyGroups = [[recipient(mine.recipient), recipient(theirs.recipient)]];
	const options = { format: "yaml", keyGroups, encryptedRegex: "secret$", macOnlyEncrypted } as const;
	return (await encryptDocument(plain, options)).text;
};
const encrypted = await encrypt(false);

async function outcome(text: string): Promise<string> {
	try {
		return (await decryptDocument(text, { format: "yaml", providers })).mac;
	} catch (error) {
		if (!isSopsError(error)) throw error;
		return error.code;
	}
}

const swapItems = (text: string): string => text.replace(/( {4}- ENC.*\n)( {4}- ENC.*\n)/, "$2$1");

describe("the MAC covers", () => {
	it.each<[string, string, (text: string) => string]>([
		["clear values", "mac-mismatch", (text) => text.replace("clear2: c", "clear2: d")],
		["values that are there no more", "mac-mismatch", (text) => text.replace("clear2: c\n", "")],
		["values that are new", "mac-mismatch", (text) => text.replace("clear2: c\n", "clear2: c\nclear3: d\n")],
		["the order of a list", "mac-mismatch", swapItems],
		["a selector that uncovers a value", "mac-mismatch", (text) => text.replace("secret$", "_secret$")],
		[
			"the time of modification",
			"mac-damaged",
			(text) => text.replace(/lastmodified: "\d{4}/, 'lastmodified: "2020'),
		],
	])("%s", async (_, code, change) => {
		const changed = change(encrypted);
		expect(changed).not.toBe(encrypted);
		expect(await outcome(changed)).toBe(code);
	});
});

describe("the MAC does not cover", () => {
	it.each<[string, (text: string) => string]>([
		["encrypted comments", (text) => text.replace(/# ?comment\n|#ENC.*\n/, "")],
		["names of keys above clear values", (text) => text.replace("clear1:", "renamed:")],
		[
			"nulls, empty texts and empty mappings",
			(text) => text.replace("clear1:", 'n: null\ne: ""\nm: {}\nclear1:'),
		],
		["empty texts in encrypted places", (text) => text.replace("clear1:", 'new_secret: ""\nclear1:')],
		[
			"where one clear value ends and the next begins",
			(text) => text.replace("clear1: ab", "clear1: a").replace("clear2: c", "clear2: bc"),
		],
		["the selector as long as its verdicts stay", (text) => text.replace("secret$", "(secret)$")],
		["the version", (text) => text.replace("version: 3.13.3", "version: 3.9.0")],
		["the list of master keys", (text) => text.replace(/ {8}- enc:[\s\S]*? {10}recipient: .*\n/, "")],
	])("%s", async (_, change) => {
		const changed = change(encrypted);
		expect(changed).not.toBe(encrypted);
		expect(await outcome(changed)).toBe("verified");
	});

	it("clear values with mac_only_encrypted", async () => {
		expect(await outcome((await encrypt(true)).replace("clear2: c", "clear2: d"))).toBe("verified");
	});
});
