import { execFile } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { build } from "esbuild";
import { afterAll, beforeAll, expect, it } from "vitest";
import { age, recipient } from "../../../packages/age/src/index.ts";
import {
	type Draft,
	decryptDocument,
	editDocument,
	encryptDocument,
} from "../../../packages/core/src/index.ts";

const example = join(import.meta.dirname, "..");
const keys = join(example, "..", "..", "vectors", "keys", "first.txt");
const identities = readFileSync(keys, "utf8");
const providers = [age({ identities })];
const PLAIN = "user: me\npassword: old\nlist:\n    - a\n    - b\n";

let folder: string;
const at = (name: string) => join(folder, name);

/** git, which sees nothing of the configuration of this machine. */
async function git(args: readonly string[], more: Record<string, string> = {}) {
	const env = {
		...{ PATH: process.env.PATH, HOME: folder, GIT_CONFIG_NOSYSTEM: "1" },
		...{
			GIT_AUTHOR_NAME: "t",
			GIT_AUTHOR_EMAIL: "t@example.com",
			GIT_COMMITTER_NAME: "t",
			GIT_COMMITTER_EMAIL: "t@example.com",
		},
		...more,
	};
	return promisify(execFile)("git", [...args], { cwd: folder, env }).then(
		({ stdout, stderr }) => ({ status: 0, stdout, stderr }),
		({ code, stdout, stderr }) => ({
			status: code as number,
			stdout: String(stdout),
			stderr: String(stderr),
		}),
	);
}

async function change(edit: (draft: Draft) => void, message: string): Promise<void> {
	const text = readFileSync(at("s.yaml"), "utf8");
	writeFileSync(at("s.yaml"), (await editDocument(text, { format: "yaml", providers }, edit)).text);
	await git(["commit", "-qam", message]);
}

const plain = async () =>
	(await decryptDocument(readFileSync(at("s.yaml"), "utf8"), { format: "yaml", providers })).text();

beforeAll(async () => {
	folder = mkdtempSync(join(tmpdir(), "sopskit-git-"));
	for (const name of ["merge", "textconv"]) {
		await build({
			entryPoints: [join(example, `${name}.js`)],
			outfile: at(`${name}.mjs`),
			bundle: true,
			platform: "node",
			format: "esm",
			conditions: ["@sopskit/source"],
			logLevel: "error",
			banner: {
				js: 'import { createRequire } from "node:module"; const require = createRequire(import.meta.url);',
			},
		});
	}
	const found = /age1\w+/.exec(identities)![0];
	const file = await encryptDocument(PLAIN, { format: "yaml", keyGroups: [[recipient(found)]] });
	writeFileSync(at("s.yaml"), file.text);
	writeFileSync(at(".gitattributes"), "s.yaml merge=sops diff=sops\n");
	await git(["init", "-q", "-b", "main"]);
	await git(["config", "merge.sops.driver", `"${process.execPath}" merge.mjs %O %A %B %P`]);
	await git(["config", "diff.sops.textconv", `"${process.execPath}" textconv.mjs`]);
	await git(["add", "s.yaml", ".gitattributes"]);
	await git(["commit", "-qm", "start"]);
});

afterAll(() => rmSync(folder, { recursive: true }));

it("merges what two branches changed, and tells what both did", async () => {
	await git(["checkout", "-qb", "other"]);
	await change((draft) => draft.set(["list", 2], "c"), "other");
	await git(["checkout", "-q", "main"]);
	await change((draft) => draft.set(["password"], "new"), "ours");

	const without = await git(["merge", "--no-edit", "other"]);
	expect([without.status === 0, without.stdout.includes("CONFLICT")]).toEqual([false, true]);
	await git(["merge", "--abort"]);

	const env = { SOPS_AGE_KEY_FILE: keys };
	expect((await git(["merge", "--no-edit", "other"], env)).status).toBe(0);
	expect(await plain()).toBe("user: me\npassword: new\nlist:\n    - a\n    - b\n    - c\n");

	const shown = await git(["diff", "HEAD~1", "--", "s.yaml"], env);
	expect(shown.stdout).toMatch(/^\+ {4}- c$/m);
	const masked = await git(["diff", "HEAD~1", "--", "s.yaml"]);
	expect(masked.stdout).toMatch(/^\+ {4}- MASKED_BY_SOPSKIT$/m);

	await git(["checkout", "-q", "other"]);
	await change((draft) => draft.set(["password"], "theirs"), "theirs");
	await git(["checkout", "-q", "main"]);
	await change((draft) => draft.set(["password"], "ours"), "ours again");
	const conflicted = await git(["merge", "--no-edit", "other"], env);
	expect(conflicted.status).not.toBe(0);
	expect(`${conflicted.stdout}${conflicted.stderr}`).toContain(
		'both sides changed ["password"] (changed); ours was kept',
	);
	expect(await plain()).toContain("password: ours");
});
