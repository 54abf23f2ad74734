import { type Data, type DecryptedDocument, isSopsError, type SopsError } from "@sopskit/core";
import type { FilePath } from "@sopskit/core/node";

/** A file of `decryptFiles()` that was decrypted. */
export interface FileSuccess<T = Data> {
	readonly ok: true;
	readonly path: FilePath;
	readonly document: DecryptedDocument<T>;
}

/** A file of `decryptFiles()` that was not. */
export interface FileFailure {
	readonly ok: false;
	readonly path: FilePath;
	readonly error: SopsError;
}

/** One of the results of `decryptFiles()`: narrow it with `ok`. */
export type FileResult<T = Data> = FileSuccess<T> | FileFailure;

/**
 * Decrypts every path with at most `concurrency` at a time; results have the order of the paths. What is wrong
 * with one file is its result, and does not hide the others.
 *
 * @throws what is not about one file: misuse, and SopsError `aborted`. No further file is begun then
 */
export async function decryptEach<T>(
	paths: readonly FilePath[],
	concurrency: number,
	decrypt: (path: FilePath) => Promise<DecryptedDocument<T>>,
): Promise<FileResult<T>[]> {
	const results = new Array<FileResult<T>>(paths.length);
	let next = 0;
	const work = async (): Promise<void> => {
		while (next < paths.length) {
			const index = next++;
			const path = paths[index]!;
			try {
				results[index] = { ok: true, path, document: await decrypt(path) };
			} catch (error) {
				if (!isSopsError(error) || error.code === "aborted") {
					next = paths.length;
					throw error;
				}
				results[index] = { ok: false, path, error };
			}
		}
	};
	await Promise.all(Array.from({ length: Math.min(concurrency, paths.length) }, work));
	return results;
}
