import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { decryptDocument } from "@sopskit/core";
import { describeGnupg } from "@sopskit/reference/gnupg";
import { describeReference } from "@sopskit/reference/suite";
import { expect, it } from "vitest";
import { pgp, pgpRecipient } from "../src/index.ts";

const page = join(import.meta.dirname, "..", "..", "..", "docs", "providers", "pgp.md");

describeReference("docs/providers/pgp.md", ({ sops }) => {
	describeGnupg("with gpg", (newHome) => {
		it("has commands that run as written, and make what we read", async () => {
			const commands = [...readFileSync(page, "utf8").matchAll(/^```sh\n([\s\S]*?)^```$/gm)].map(
				([, block]) => block!,
			);
			expect(commands).toHaveLength(3);
			const home = newHome();
			const folder = mkdtempSync(join(tmpdir(), "sopskit-document-"));
			try {
				const output = execFileSync("bash", ["-euo", "pipefail", "-c", commands.join("\n")], {
					cwd: folder,
					env: { ...home.environment, PATH: `${dirname(sops)}${delimiter}${process.env.PATH}` },
					encoding: "utf8",
					stdio: ["ignore", "pipe", "pipe"],
				});
				expect(output).toContain("password: hunter2\n");
				expect(output).toContain("fp: ");
				const read = (name: string): string => readFileSync(join(folder, name), "utf8");
				const providers = [pgp({ privateKeys: read("production.key.asc") })];
				const { data } = await decryptDocument(read("secret.yaml"), { format: "yaml", providers });
				expect(data).toEqual({ password: "hunter2" });
				expect(output).toContain((await pgpRecipient(read("production.pub.asc"))).ref.id);
			} finally {
				rmSync(folder, { recursive: true });
			}
		});
	});
});
