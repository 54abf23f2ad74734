// The table "Exit statuses of the command" in docs/operations.md: what sops 3.13.3 ends with, and what we throw.
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describeReference } from "@sopskit/reference/suite";
import { afterAll, beforeAll, expect, it } from "vitest";
import { age, recipient } from "../../age/src/index.ts";
import { type ErrorCode, encryptDocument, isSopsError, parsePath, UsageError } from "../src/index.ts";
import {
	decryptFile,
	editInEditor,
	encryptFile,
	extractFileValue,
	loadConfig,
	rotateFile,
	setFileValue,
	unsetFileValue,
} from "../src/node.ts";
import { identityFile, recipientOf } from "./vector-files.ts";

const A = recipientOf("first");
const keyGroups = [[recipient(A)]];
const providers = [age({ identities: identityFile("first") })];
const NO_EDITOR = { SOPS_EDITOR: "/nowhere/editor" };
const table = readFileSync(join(import.meta.dirname, "..", "..", "..", "docs", "operations.md"), "utf8");

describeReference("exit statuses", (reference) => {
	let folder: string;
	const at = (name: string) => join(folder, name);

	beforeAll(async () => {
		folder = mkdtempSync(join(tmpdir(), "sopskit-status-"));
		const { text } = await encryptDocument("a: x\nb: y\n", { format: "yaml", keyGroups });
		writeFileSync(at("good.yaml"), text);
		writeFileSync(at("plain.yaml"), "a: x\n");
		writeFileSync(at("empty.yaml"), "");
		mkdirSync(at("folder.yaml"));
		writeFileSync(at("value.yaml"), text.replace(/^a: ENC\[AES256_GCM,data:./m, "a: ENC[AES256_GCM,data:/"));
		writeFileSync(at("mac.yaml"), text.replace(/^b: .*\n/m, ""));
		writeFileSync(at("nomac.yaml"), text.replace(/^ {4}mac: .*\n/m, ""));
		writeFileSync(at("badmac.yaml"), text.replace(/lastmodified: "\d{4}/, 'lastmodified: "1999'));
	});
	afterAll(() => rmSync(folder, { recursive: true }));

	type Row = readonly [
		status: number,
		args: readonly string[],
		ours: () => Promise<unknown>,
		code: ErrorCode | "UsageError",
	];
	const decrypt =
		(name: string, by = providers) =>
		() =>
			decryptFile(at(name), { providers: by });
	const rows: readonly Row[] = [
		[100, ["decrypt", "absent.yaml"], decrypt("absent.yaml"), "file-unusable"],
		[2, ["decrypt", "folder.yaml"], decrypt("folder.yaml"), "file-unusable"],
		[
			4,
			["decrypt", "--output-type", "ini", "good.yaml"],
			async () => (await decrypt("good.yaml")()).text({ format: "ini" }),
			"value-unsupported",
		],
		[
			7,
			["set", "good.yaml", "a", '"x"'],
			async () => setFileValue(at("good.yaml"), parsePath("a"), "x", { providers }),
			"UsageError",
		],
		[
			7,
			["unset", "good.yaml", "a"],
			async () => setFileValue(at("good.yaml"), parsePath("a"), "x", { providers }),
			"UsageError",
		],
		[25, ["decrypt", "value.yaml"], decrypt("value.yaml"), "value-damaged"],
		[51, ["decrypt", "mac.yaml"], decrypt("mac.yaml"), "mac-mismatch"],
		[51, ["decrypt", "badmac.yaml"], decrypt("badmac.yaml"), "mac-damaged"],
		[51, ["decrypt", "nomac.yaml"], decrypt("nomac.yaml"), "mac-missing"],
		[
			91,
			["decrypt", "--extract", "a", "good.yaml"],
			async () => extractFileValue(at("good.yaml"), "a", { providers }),
			"UsageError",
		],
		[
			92,
			["encrypt", "--age", A, "empty.yaml"],
			() => encryptFile(at("empty.yaml"), { keyGroups }),
			"document-empty",
		],
		[128, ["decrypt", "good.yaml"], decrypt("good.yaml", []), "data-key-unavailable"],
		[
			201,
			["edit", "good.yaml"],
			() => editInEditor(at("good.yaml"), { providers, environment: NO_EDITOR }),
			"editor-failed",
		],
		[
			203,
			["encrypt", "--age", A, "good.yaml"],
			() => encryptFile(at("good.yaml"), { keyGroups }),
			"already-encrypted",
		],
		[
			1,
			["decrypt", "--extract", '["nope"]', "good.yaml"],
			() => extractFileValue(at("good.yaml"), ["nope"], { providers }),
			"path-not-found",
		],
		[
			1,
			["unset", "good.yaml", '["nope"]'],
			() => unsetFileValue(at("good.yaml"), ["nope"], { providers }),
			"path-not-found",
		],
		[1, ["rotate", "plain.yaml"], () => rotateFile(at("plain.yaml"), { providers }), "not-encrypted"],
		[1, ["updatekeys", "--yes", "good.yaml"], () => loadConfig({ from: folder }), "config-not-found"],
	];
	for (const [status, args, ours, code] of rows) {
		it(`${status}: sops ${args.join(" ").replace(A, "age1…")}`, async () => {
			const result = await reference.runSops([...args], {
				cwd: folder,
				env: status === 128 ? {} : { SOPS_AGE_KEY: identityFile("first"), ...NO_EDITOR },
			});
			const thrown = await ours().catch((error: unknown) => error);
			expect(isSopsError(thrown) ? thrown.code : thrown instanceof UsageError ? "UsageError" : thrown).toBe(
				code,
			);
			expect([args[0], result.status, result.stderr]).toEqual([args[0], status, expect.any(String)]);
			const row = table.split("\n").find((line) => line.startsWith(`| ${status} `));
			expect(row, "the row of the table").toContain(status === 1 ? "the code of the error" : code);
		});
	}
});
