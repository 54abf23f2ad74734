import { SopsError } from "@sopskit/core";
import type { FoundFile, FoundFiles } from "./find-files.ts";

/** A file on which the work was done, or which it left alone on purpose. */
export interface FileSuccess<T> {
	readonly ok: true;
	readonly path: string;
	readonly value: T;
}

/** A file on which the work failed. */
export interface FileFailure<E = SopsError> {
	readonly ok: false;
	readonly path: string;
	readonly error: E;
}

/** What became of one of many files: narrow it with `ok`. */
export type FileResult<T, E = SopsError> = FileSuccess<T> | FileFailure<E>;

/** Told after each file. Holds nothing of its content. */
export interface FileProgress {
	readonly path: string;
	readonly outcome: "done" | "skipped" | "failed";
	/** How many files are through, this one included. */
	readonly done: number;
	readonly total: number;
}

/** How {@link forEachFile} goes about it. */
export interface EachOptions<T> {
	readonly concurrency: number;
	readonly signal: AbortSignal | undefined;
	readonly onProgress: ((progress: FileProgress) => void) | undefined;
	readonly isSkipped: (value: T) => boolean;
	/** What is not about one file: it ends the run. */
	readonly isFatal: (thrown: unknown) => boolean;
}

/**
 * Works on every file, so many at a time; results have the order of the files. What is wrong with one is its result, and
 * does not hide the others. After an abort no further file is begun, and those that were not done have `aborted` for
 * their result: what was done stays done, and is said.
 *
 * @throws what is not about one file, once the files under way are done with
 */
export async function forEachFile<T>(
	{ files, unreadable }: FoundFiles,
	options: EachOptions<T>,
	work: (file: FoundFile) => Promise<T>,
): Promise<FileResult<T>[]> {
	const { signal, onProgress } = options;
	const results = new Array<FileResult<T>>(files.length);
	const fatal: unknown[] = [];
	let next = 0;
	let done = 0;
	const one = async (file: FoundFile): Promise<FileResult<T>> => {
		const { path } = file;
		try {
			if (signal?.aborted)
				throw new SopsError("aborted", `${path} was not begun: the caller's signal came first.`, {});
			return { ok: true, path, value: await work(file) };
		} catch (error) {
			if (options.isFatal(error)) throw error;
			return { ok: false, path, error: error as SopsError };
		}
	};
	const worker = async (): Promise<void> => {
		while (next < files.length && fatal.length === 0) {
			const index = next++;
			try {
				const result = await one(files[index]!);
				results[index] = result;
				const outcome = !result.ok ? "failed" : options.isSkipped(result.value) ? "skipped" : "done";
				onProgress?.({ path: result.path, outcome, done: ++done, total: files.length });
			} catch (thrown) {
				fatal.push(thrown);
			}
		}
	};
	await Promise.all(Array.from({ length: Math.min(options.concurrency, files.length) }, worker));
	if (fatal.length > 0) throw fatal[0];
	return [...results, ...unreadable.map(({ path, error }) => ({ ok: false as const, path, error }))];
}
