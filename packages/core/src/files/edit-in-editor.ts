import { spawn } from "node:child_process";
import { isSopsError, SopsError } from "../errors.ts";
import { envelopeOf } from "../formats/formats.ts";
import { finishDecryption } from "../operations/decrypt.ts";
import { sealPlaintext, UPDATE_CHECKS, type UpdateOptions } from "../operations/update.ts";
import type { Check } from "../options.ts";
import type { EncryptedFile } from "../steps/encrypted-file.ts";
import { inputText, requireFormat } from "../steps/input.ts";
import { openAgain, openRequest, openText } from "../steps/open.ts";
import { UsageError } from "../usage-error.ts";
import { commandWords } from "./command-words.ts";
import { inPlace, type OverFile } from "./in-place.ts";
import { type FilePath, pathText } from "./path.ts";
import { withPlaintextFile } from "./plaintext-file.ts";

/** Options of {@link editInEditor}. */
export interface EditorOptions extends OverFile<UpdateOptions> {
	/** Program and arguments; the path of the plaintext is added. Started directly, never through a shell. */
	readonly editor?: readonly string[] | undefined;
	/** Where `SOPS_EDITOR`, or else `EDITOR`, names the editor, mostly `process.env`. */
	readonly environment?: Readonly<Record<string, string | undefined>> | undefined;
	/**
	 * What to do when the edited text cannot be encrypted: show the problem, which names the line, and answer whether to
	 * open the editor again, on the text as it was left. Without it the error is thrown, and the edit is lost.
	 */
	readonly onProblem?: ((problem: SopsError) => boolean | Promise<boolean>) | undefined;
}

const isCommand: Check = (value) =>
	Array.isArray(value) && value.length > 0 && value.every((word) => typeof word === "string")
		? undefined
		: 'a program and its arguments, such as ["code", "--wait"]';
const isEnvironment: Check = (value) =>
	typeof value === "object" && value !== null ? undefined : "an object";
const isFunction: Check = (value) => (typeof value === "function" ? undefined : "a function");

const CHECKS: Readonly<Record<string, Check>> = {
	...UPDATE_CHECKS,
	editor: isCommand,
	environment: isEnvironment,
	onProblem: isFunction,
};

/**
 * Opens the plaintext of an encrypted file in an editor, and encrypts what comes back against the file, as
 * `updateDocument` does (`sops edit`). The plaintext is in a folder that only its owner can read, and gone when this
 * returns, throws, or a signal ends the process. When nothing changed, nothing is written.
 *
 * @example
 * ```ts
 * await editInEditor("secret.yaml", { providers, environment: process.env });
 * ```
 * @param path - the encrypted file
 * @returns what the file holds now
 * @throws SopsError `editor-failed` when there is no editor, it cannot be started, or it ends with an error;
 * `file-unusable`, and all of `updateDocument`; the file is then as it was
 * @throws UsageError for unknown options and wrong argument types
 */
export async function editInEditor(path: FilePath, options: EditorOptions): Promise<EncryptedFile> {
	const of = "editInEditor()";
	const name = pathText(of, path);
	return inPlace(of, path, options, CHECKS, async (bytes, { editor, environment, onProblem, ...all }) => {
		const command = commandOf(editor, environment);
		const codec = requireFormat(of, all.format);
		const text = inputText(of, bytes, envelopeOf(codec), all.maxBytes);
		const request = openRequest(codec, all);
		const opened = await openText(text, request);
		const before = await finishDecryption<undefined>(opened, codec, all);
		const plaintext = before.bytes(all.layout === "reference" ? {} : { layout: "keep" });
		return withPlaintextFile(name, plaintext, async (file) => {
			for (;;) {
				await runEditor([...command, file.path], all.signal);
				const edited = await file.read();
				try {
					return sealPlaintext(of, openAgain(opened, text, request), text, edited, all);
				} catch (thrown) {
					if (!isSopsError(thrown) || !(await onProblem?.(thrown))) throw thrown;
				}
			}
		});
	});
}

function commandOf(
	editor: readonly string[] | undefined,
	environment: EditorOptions["environment"],
): readonly string[] {
	if (editor !== undefined) return editor;
	if (environment === undefined) {
		throw new UsageError("argument-invalid", 'editInEditor() needs the option "editor" or "environment".');
	}
	for (const variable of ["SOPS_EDITOR", "EDITOR"]) {
		const value = environment[variable];
		if (value === undefined || value === "") continue;
		const words = commandWords(value);
		if (words !== undefined && words.length > 0) return words;
		throw failed(`${variable} cannot be split into a program and its arguments`);
	}
	throw failed("neither SOPS_EDITOR nor EDITOR names one");
}

function runEditor(command: readonly string[], signal: AbortSignal | undefined): Promise<void> {
	const [program = "", ...args] = command;
	return new Promise((settle, reject) => {
		const child = spawn(program, args, { stdio: "inherit", ...(signal && { signal }) });
		child.on("error", () =>
			reject(
				signal?.aborted
					? new SopsError("aborted", "The operation was ended by the caller's signal.", {})
					: failed("it cannot be started"),
			),
		);
		child.on("exit", (code, by) => {
			if (code === 0) settle();
			else reject(failed(code === null ? `${by} ended it` : `it ended with status ${code}`));
		});
	});
}

function failed(reason: string): SopsError {
	return new SopsError(
		"editor-failed",
		`The file was not changed, because there was no editor to do it: ${reason}. Name one that waits until the file is closed, such as "code --wait" or "vim".`,
		{ reason },
	);
}
