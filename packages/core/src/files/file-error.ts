import { isSopsError, SopsError } from "../errors.ts";

const REASONS: Readonly<Record<string, string>> = {
	ENOENT: "it does not exist",
	EACCES: "permission is denied",
	EPERM: "the operation is not permitted",
	EISDIR: "it is a folder",
	ENOTDIR: "a part of its path is not a folder",
	ELOOP: "its symbolic links lead nowhere",
	EROFS: "the file system is read-only",
	ENOSPC: "no space is left on the device",
	EDQUOT: "the disk quota is used up",
	EFBIG: "it would be too large for the file system",
	EMFILE: "too many files are open",
	ENFILE: "too many files are open",
	ENAMETOOLONG: "its name is too long",
	EBUSY: "it is in use",
	EXDEV: "it is a mount point of its own",
	ETXTBSY: "it is a program that is running",
	EIO: "the device reported an error",
};

/** A file that cannot be used, told in words. Of a system's error only the code is looked at. */
export function unusable(path: string, operation: "read" | "write", thrown: unknown): SopsError {
	if (isSopsError(thrown)) return thrown;
	const code: unknown =
		typeof thrown === "object" && thrown !== null && "code" in thrown ? thrown.code : undefined;
	const known = typeof code === "string" && /^[A-Z0-9_]{1,40}$/.test(code) ? code : "unknown error";
	return unusableBecause(path, operation, REASONS[known] ?? `the system says ${known}`);
}

/** @param reason - words that go after "cannot be read: " */
export function unusableBecause(path: string, operation: "read" | "write", reason: string): SopsError {
	const done = operation === "read" ? "read" : "written";
	return new SopsError("file-unusable", `${path} cannot be ${done}: ${reason}.`, {
		path,
		operation,
		reason,
	});
}

const UNREADABLE: readonly string[] = ["syntax-invalid", "root-not-mapping", "not-encrypted"];
const BINARY_BY_NAME =
	' The name of the file says no format, so it was read as binary: name the format if it is another, such as { format: "yaml" }.';

/**
 * Runs the work on the content of one file. An error that is about the content alone gets the path in front, for
 * one who has many files.
 *
 * @param guessed - binary by its name, as every name is that says no format; a file with another content has no luck
 * @throws what the work throws
 */
export async function namingFile<T>(path: string, work: () => Promise<T>, guessed = false): Promise<T> {
	try {
		return await work();
	} catch (thrown) {
		if (!isSopsError(thrown)) throw thrown;
		if (thrown.code === "file-unusable" || thrown.code === "format-unknown" || thrown.code === "aborted") {
			throw thrown;
		}
		const hint = guessed && UNREADABLE.includes(thrown.code) ? BINARY_BY_NAME : "";
		throw new SopsError(thrown.code, `${path}: ${thrown.message}${hint}`, thrown.details);
	}
}
