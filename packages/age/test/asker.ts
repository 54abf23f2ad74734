import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { bech32 } from "@scure/base";

const data = bech32.toWords(new TextEncoder().encode("a test"));
const other = bech32.toWords(new TextEncoder().encode("other!"));

/** A recipient and an identity of the plugin, and an identity that fits another recipient. */
export const ASKER = {
	recipient: bech32.encode("age1asker", data),
	identity: bech32.encode("AGE-PLUGIN-ASKER-", data).toUpperCase(),
	stranger: bech32.encode("AGE-PLUGIN-ASKER-", other).toUpperCase(),
	strangerRecipient: bech32.encode("age1asker", other),
};

/** Installs the plugin `age-plugin-asker` in a folder of its own. */
export function installAsker(): { readonly path: string; readonly remove: () => void } {
	const folder = mkdtempSync(join(tmpdir(), "sopskit-plugins-"));
	const program = join(folder, "age-plugin-asker");
	writeFileSync(
		program,
		`#!/bin/sh\nexec '${process.execPath}' '${join(import.meta.dirname, "asker.mjs")}' "$@"\n`,
	);
	chmodSync(program, 0o755);
	return {
		path: [folder, process.env.PATH].join(delimiter),
		remove: () => rmSync(folder, { recursive: true }),
	};
}
