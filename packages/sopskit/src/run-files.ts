import { isSopsError, UsageError } from "@sopskit/core";
import { decryptFile, type FilePath } from "@sopskit/core/node";
import type { DefaultedKeys } from "./defaulted.ts";
import { type EncryptFilesOptions, type EncryptionKeys, encryptByRule } from "./encrypt-by-rule.ts";
import type { FileSet, FilesOptions } from "./file-set.ts";
import { type FoundFile, findFiles, readPatterns } from "./find-files.ts";
import { type FileResult, forEachFile } from "./for-each-file.ts";
import { checkFilesOptions, checkRunOptions } from "./options.ts";
import type { Rules } from "./rules.ts";
import { type KeyUpdateOptions, updateKeysByRule } from "./update-keys-by-rule.ts";

/** What an instance does its work on files with. */
export interface Instance extends EncryptionKeys {
	readonly concurrency: number;
	/** Undefined without `config`. Each run has its own. */
	readonly rules: () => Rules | undefined;
	readonly refuseWhenClosed: () => void;
	/** Runs an operation with the keys of the call, or else of the instance. */
	readonly withKeys: <O extends object, R>(
		given: DefaultedKeys<O> | undefined,
		run: (options: O) => Promise<R>,
	) => Promise<R>;
}

/** @throws UsageError for unknown options and wrong argument types */
export function filesOf(
	instance: Instance,
	patterns: FilePath | readonly FilePath[],
	options: FilesOptions = {},
): FileSet {
	const texts = readPatterns(patterns);
	checkFilesOptions(options);
	const [base] = options.cwd === undefined ? [] : readPatterns(options.cwd);
	const { concurrency = instance.concurrency, signal, onProgress } = options;
	const call = signal === undefined ? {} : { signal };

	async function run<T>(
		work: (file: FoundFile) => Promise<T>,
		isFatal: (thrown: unknown) => boolean = (thrown) => !isSopsError(thrown),
	): Promise<FileResult<T>[]> {
		instance.refuseWhenClosed();
		const found = await findFiles(texts, base, signal);
		return forEachFile(found, { concurrency, signal, onProgress, isFatal, isSkipped }, work);
	}

	return Object.freeze({
		async paths() {
			instance.refuseWhenClosed();
			return (await findFiles(texts, base, signal)).files.map(({ path }) => path);
		},
		async each(work) {
			if (typeof work !== "function")
				throw new UsageError(
					"argument-invalid",
					"each() takes a function, such as (path) => sops.rotateFile(path).",
				);
			return run(
				async ({ path }) => work(path, call),
				(thrown) => thrown instanceof UsageError,
			);
		},
		async decrypt(given) {
			checkRunOptions("decrypt()", given);
			return run(({ path }) =>
				instance.withKeys({ ...given, ...call }, (all: Parameters<typeof decryptFile>[1]) =>
					decryptFile(path, all),
				),
			) as never;
		},
		async encrypt(given: EncryptFilesOptions = {}) {
			checkRunOptions("encrypt()", given);
			const { dryRun = false, ...all } = given;
			const rules = instance.rules();
			return run((file) => encryptByRule(file, { ...all, ...call }, dryRun, rules, instance));
		},
		async updateKeys(given = {}) {
			checkRunOptions("updateKeys()", given);
			const { dryRun = false, ...all } = given;
			const rules = instance.rules();
			const own = all.providers === undefined ? instance : { ...instance, wrappers: all.providers };
			const update = (path: string, options: KeyUpdateOptions) =>
				updateKeysByRule(path, options, dryRun, rules, own);
			// A plan needs no identities, and so nothing is looked for.
			if (dryRun) return run(({ path }) => update(path, { ...all, ...call, providers: [] }));
			return run(({ path }) =>
				instance.withKeys({ ...all, ...call }, (options: KeyUpdateOptions) => update(path, options)),
			);
		},
	} satisfies FileSet as FileSet);
}

function isSkipped(value: unknown): boolean {
	return typeof value === "object" && value !== null && "action" in value && value.action === "skip";
}
