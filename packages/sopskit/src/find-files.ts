import { readdir } from "node:fs";
import { lstat, realpath, stat } from "node:fs/promises";
import { isAbsolute, join, relative, resolve, sep } from "node:path";
import { fileURLToPath } from "node:url";
import { SopsError, UsageError } from "@sopskit/core";

/** A file to work on. */
export interface FoundFile {
	/** As it was given, or as it was found: absolute where the pattern or the folder is. */
	readonly path: string;
	/** Whether the caller named this very file. */
	readonly named: boolean;
	/** Nothing is there. */
	readonly missing?: true;
}

/** What was found, and folders that could not be looked into. */
export interface FoundFiles {
	readonly files: readonly FoundFile[];
	readonly unreadable: readonly { readonly path: string; readonly error: SopsError<"file-unusable"> }[];
}

/** Never looked into or at: the history of git, installed packages, and what a write in place leaves after a crash. */
const LEFT_OUT: readonly string[] = ["**/.git/**", "**/node_modules/**", "**/.sopskit-*.tmp"];

/** @throws UsageError for anything but a path, a pattern, or a list of them */
export function readPatterns(patterns: unknown): readonly string[] {
	const list: readonly unknown[] = Array.isArray(patterns) ? patterns : [patterns];
	return list.map((one) => {
		if (one instanceof URL && one.protocol === "file:") return fileURLToPath(one);
		if (typeof one === "string" && one !== "" && one !== "!" && !one.includes("\0")) return one;
		throw new UsageError(
			"argument-invalid",
			'files() takes paths and glob patterns: one, or an array, such as ["clusters/**/*.yaml"].',
		);
	});
}

/**
 * The files that paths and patterns lead to, each once. What exists under a text is meant by it, also if it looks like a
 * pattern; a folder means all files below it. A text that is no pattern is a path, also if nothing is there. Names that
 * begin with a dot count. Patterns and folders do not lead through symbolic links, nor to them; a path may be one.
 * Patterns that begin with `!` exclude from what others find.
 *
 * @param base - the folder of relative paths and patterns, where it is not the working directory
 * @throws SopsError `aborted`
 */
export async function findFiles(
	patterns: readonly string[],
	base: string | undefined,
	signal: AbortSignal | undefined,
): Promise<FoundFiles> {
	const { convertPathToPattern, glob, isDynamicPattern } = await import("tinyglobby");
	const folder = resolve(base ?? ".");
	const files: FoundFile[] = [];
	const searches: Search[] = [];
	const relatives: string[] = [];
	const excluded: string[] = [];
	for (const text of patterns) {
		const place = resolve(folder, text);
		const kind = await kindOf(place);
		const path = isAbsolute(text) || base === undefined ? text : join(base, text);
		if (kind === "link to a folder" || (kind === "folder" && isAbsolute(text)))
			searches.push({ patterns: ["**"], cwd: place, prefix: path });
		else if (kind === "folder") {
			const below = relative(folder, place).split(sep).join("/");
			relatives.push(below === "" ? "**" : `${convertPathToPattern(below)}/**`);
		} else if (kind === "file") files.push({ path, named: true });
		else if (text.startsWith("!")) excluded.push(text);
		else if (!isDynamicPattern(text)) files.push({ path, named: true, missing: true });
		else if (isAbsolute(text)) searches.push({ patterns: [text], cwd: folder, prefix: undefined });
		else relatives.push(text);
	}
	if (relatives.length > 0) searches.push({ patterns: relatives, cwd: folder, prefix: base ?? "" });
	const locked: Mutable<FoundFiles["unreadable"]> = [];
	for (const { patterns: wanted, cwd, prefix } of searches) {
		if (signal?.aborted) break;
		const found = await glob([...wanted, ...excluded], {
			cwd,
			absolute: prefix === undefined,
			dot: true,
			ignore: LEFT_OUT,
			followSymbolicLinks: false,
			debug: false,
			...(signal && { signal }),
			fs: { readdir: tellingReaddir(locked) },
		});
		for (const one of found.sort())
			files.push({ path: prefix === undefined ? one : join(prefix, one), named: false });
	}
	if (signal?.aborted)
		throw new SopsError("aborted", "The search for files was ended by the caller's signal.", {});
	return { files: await eachOnce(files), unreadable: locked };
}

interface Search {
	readonly patterns: readonly string[];
	/** Exclusions are relative to it. */
	readonly cwd: string;
	/** Goes before what is found; undefined where that is absolute. */
	readonly prefix: string | undefined;
}

type Mutable<List> = List extends readonly (infer One)[] ? One[] : never;

async function kindOf(path: string): Promise<"folder" | "link to a folder" | "file" | undefined> {
	try {
		if (!(await stat(path)).isDirectory()) return "file";
		return (await lstat(path)).isSymbolicLink() ? "link to a folder" : "folder";
	} catch {
		return undefined;
	}
}

/** The glob library passes over folders that it cannot read; here they are told. */
function tellingReaddir(found: Mutable<FoundFiles["unreadable"]>): typeof readdir {
	const telling = (
		path: string,
		options: { withFileTypes: true },
		done: (error: NodeJS.ErrnoException | null, entries: unknown[]) => void,
	): void => {
		readdir(path, options, (error, entries) => {
			if (error !== null && error.code !== "ENOENT" && error.code !== "ENOTDIR") {
				const reason =
					error.code === "EACCES" || error.code === "EPERM"
						? "permission is denied"
						: `the system says ${error.code}`;
				const why = `${reason}, and so files in it were not found`;
				found.push({ path, error: unreadable(`The folder ${path}`, path, why) });
			}
			done(error, entries);
		});
	};
	return telling as typeof readdir;
}

/** @param what - begins the sentence */
export function unreadable(what: string, path: string, reason: string): SopsError<"file-unusable"> {
	const message = `${what} cannot be read: ${reason}.`;
	return new SopsError("file-unusable", message, { path, operation: "read", reason });
}

/** Two names of one file would have it changed twice at once. */
async function eachOnce(files: readonly FoundFile[]): Promise<readonly FoundFile[]> {
	const places = await Promise.all(files.map(({ path }) => realpath(path).catch(() => resolve(path))));
	const seen = new Set<string>();
	return files.filter((_, index) => {
		const place = places[index]!;
		if (seen.has(place)) return false;
		seen.add(place);
		return true;
	});
}
