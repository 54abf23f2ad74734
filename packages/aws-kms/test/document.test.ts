import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { describeReference } from "@sopskit/reference/suite";
import { describeServer } from "@sopskit/servers/suite";
import { build } from "esbuild";
import { expect, it } from "vitest";
import { motoKeys } from "./moto-keys.ts";

const root = join(import.meta.dirname, "..", "..", "..");
const page = readFileSync(join(root, "docs", "providers", "aws-kms.md"), "utf8");

describeReference("docs/providers/aws-kms.md", ({ sops }) => {
	describeServer("moto", "with moto", (moto) => {
		it("has commands and code that run as written", async () => {
			const keys = await motoKeys(moto());
			const folder = mkdtempSync(join(tmpdir(), "sopskit-document-"));
			const env = {
				...keys.environment,
				HOME: folder,
				KEY_ARN: keys.arn,
				PATH: `${dirname(sops)}${delimiter}${process.env.PATH}`,
			};
			try {
				const commands = [...page.matchAll(/^```sh\n([\s\S]*?)^```$/gm)].map(([, block]) => block);
				expect(commands).toHaveLength(2);
				const printed = execFileSync("bash", ["-euo", "pipefail", "-c", commands.join("\n")], {
					cwd: folder,
					env,
					encoding: "utf8",
				});
				expect(printed).toContain("password: hunter2\n");
				expect(printed).toContain(`arn: ${keys.arn}`);

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
