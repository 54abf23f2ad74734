import { join } from "node:path";
import { build } from "esbuild";
import { expect, it } from "vitest";
import * as vault from "../src/index.ts";

it("has these public names", () => {
	expect(Object.keys(vault).sort()).toEqual(["appRoleLogin", "hcVault", "kubernetesLogin", "vaultKey"]);
});

it("loads node-vault on first use only", async () => {
	const { metafile } = await build({
		entryPoints: [join(import.meta.dirname, "..", "src", "index.ts")],
		bundle: true,
		write: false,
		metafile: true,
		format: "esm",
		platform: "node",
		packages: "external",
		logLevel: "silent",
	});
	const imports = Object.values(metafile.outputs).flatMap((output) => output.imports);
	const found = new Set(imports.map(({ path, kind }) => `${kind} ${path}`));
	expect([...found].sort()).toEqual([
		"dynamic-import https-proxy-agent",
		"dynamic-import node-vault",
		"dynamic-import p-retry",
		"import-statement @sopskit/core",
		"import-statement @sopskit/core/network",
		"import-statement @sopskit/core/provider",
		"import-statement node:fs/promises",
		"import-statement node:http",
		"import-statement node:https",
		"import-statement node:path",
	]);
});
