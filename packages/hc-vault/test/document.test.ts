import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { describeReference } from "@sopskit/reference/suite";
import { openbao } from "@sopskit/servers/place";
import { describeServer } from "@sopskit/servers/suite";
import { build } from "esbuild";
import { expect, it } from "vitest";

const root = join(import.meta.dirname, "..", "..", "..");
const page = readFileSync(join(root, "docs", "providers", "hc-vault.md"), "utf8");

describeReference("docs/providers/hc-vault.md", ({ sops }) => {
	describeServer("openbao", "with OpenBao", (bao) => {
		it("has commands and code that run as written", async () => {
			const folder = mkdtempSync(join(tmpdir(), "sopskit-document-"));
			// The page says `vault, or bao in its place`.
			symlinkSync(openbao()!, join(folder, "vault"));
			const env = {
				HOME: folder,
				VAULT_ADDR: bao().url,
				VAULT_TOKEN: bao().rootToken,
				PATH: [dirname(sops), folder, process.env.PATH].join(delimiter),
			};
			try {
				const commands = [...page.matchAll(/^```sh\n([\s\S]*?)^```$/gm)].map(([, block]) => block);
				expect(commands).toHaveLength(3);
				const printed = execFileSync("bash", ["-euo", "pipefail", "-c", commands.join("\n")], {
					cwd: folder,
					env,
					encoding: "utf8",
				});
				expect(printed).toContain("password: hunter2\n");
				expect(printed).toContain("key_name: production");

				const [code] = [...page.matchAll(/^```js fragment\n([\s\S]*?)^```$/gm)].map(([, block]) => block!);
				const outfile = join(folder, "program.mjs");
				await build({
					stdin: { contents: code!, resolveDir: join(root, "packages", "sopskit"), loader: "js" },
					outfile,
					bundle: true,
					format: "esm",
					platform: "node",
					conditions: ["@sopskit/source", "node", "import"],
					banner: {
						js: 'import { createRequire as __createRequire } from "node:module"; const require = __createRequire(import.meta.url);',
					},
					logLevel: "silent",
				});
				const output = execFileSync(process.execPath, ["--no-warnings", outfile], {
					cwd: folder,
					env,
					encoding: "utf8",
				});
				expect(output).toBe("password\n");
			} finally {
				rmSync(folder, { recursive: true });
			}
		});
	});
});
