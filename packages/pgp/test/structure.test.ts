import { join } from "node:path";
import { build } from "esbuild";
import { expect, it } from "vitest";
import * as portable from "../src/index.ts";
import * as node from "../src/node.ts";

it("has these public names", () => {
	expect(Object.keys(portable).sort()).toEqual([
		"generatePgpKey",
		"pgp",
		"pgpRecipient",
		"pgpRecipients",
		"pgpRef",
		"pgpRefs",
	]);
	expect(Object.keys(node).sort()).toEqual(["gpg", "pgpKeyring", "privateKeyring"]);
});

it("needs nothing of Node outside of /node, and loads openpgp on first use only", async () => {
	const { metafile } = await build({
		entryPoints: [join(import.meta.dirname, "..", "src", "index.ts")],
		bundle: true,
		write: false,
		metafile: true,
		format: "esm",
		platform: "browser",
		external: ["openpgp", "@sopskit/core"],
		logLevel: "silent",
	});
	const imports = Object.values(metafile.outputs).flatMap((output) => output.imports);
	const found = new Set(imports.map(({ path, kind }) => `${kind} ${path}`));
	expect([...found].sort()).toEqual(["dynamic-import openpgp", "import-statement @sopskit/core"]);
});
