import { randomBytes } from "node:crypto";
import type { BigIntStats } from "node:fs";
import { type FileHandle, lstat, open, realpath, rename, rm, stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import { throwIfAborted } from "../keys/call.ts";
import { unusable, unusableBecause } from "./file-error.ts";

export interface WriteOptions {
	/** The file as it was when it was read: if it is another one by now, it is not replaced. */
	readonly unchangedSince?: BigIntStats | undefined;
	readonly signal?: AbortSignal | undefined;
}

/**
 * Replaces the content of a file in one step: whoever reads it sees the old bytes or the new ones, also after a
 * crash. The new file is written beside the old one, brought to the disk and renamed over it. Mode and, where the
 * system allows it, owner stay; symbolic links stay links; other hard links keep the old content.
 *
 * @throws SopsError `file-unusable`, `aborted`; the file is then as it was, and nothing is left beside it
 */
export async function replaceFile(path: string, bytes: Uint8Array, options: WriteOptions): Promise<void> {
	let temporary: string | undefined;
	let handle: FileHandle | undefined;
	try {
		const target = await followLinks(path);
		const old = await statIfThere(target);
		if (old !== undefined && !old.isFile()) {
			const reason = old.isDirectory() ? "it is a folder" : "it is not a regular file";
			throw unusableBecause(path, "write", reason);
		}
		const name = join(dirname(target), `.sopskit-${randomBytes(9).toString("hex")}.tmp`);
		handle = await open(name, "wx", old === undefined ? 0o666 : 0o600);
		temporary = name;
		await handle.writeFile(bytes);
		if (old !== undefined) await takeOver(handle, old);
		await handle.sync();
		await handle.close();
		handle = undefined;
		throwIfAborted(options.signal);
		await refuseIfChanged(path, target, options.unchangedSince);
		await rename(name, target);
		temporary = undefined;
		await syncFolder(dirname(target));
	} catch (thrown) {
		throw unusable(path, "write", thrown);
	} finally {
		await handle?.close().catch(() => {});
		if (temporary !== undefined) await rm(temporary, { force: true }).catch(() => {});
	}
}

/** The file that is meant. A link to nothing is an error: a rename would put a file in the place of the link. */
async function followLinks(path: string): Promise<string> {
	try {
		return await realpath(path);
	} catch (thrown) {
		if ((thrown as NodeJS.ErrnoException).code !== "ENOENT") throw thrown;
	}
	const link = await lstat(path).catch(() => undefined);
	if (link !== undefined) throw unusableBecause(path, "write", "it is a symbolic link to nothing");
	return path;
}

async function statIfThere(path: string): Promise<BigIntStats | undefined> {
	try {
		return await stat(path, { bigint: true });
	} catch (thrown) {
		if ((thrown as NodeJS.ErrnoException).code === "ENOENT") return undefined;
		throw thrown;
	}
}

async function takeOver(handle: FileHandle, old: BigIntStats): Promise<void> {
	const own = await handle.stat({ bigint: true });
	if (own.uid !== old.uid || own.gid !== old.gid) {
		// Only root may give files away; for everyone else the file becomes their own, as with any editor.
		await handle.chown(Number(old.uid), Number(old.gid)).catch(() => {});
	}
	await handle.chmod(Number(old.mode & 0o7777n));
}

async function refuseIfChanged(path: string, target: string, before: BigIntStats | undefined): Promise<void> {
	if (before === undefined) return;
	const now = await statIfThere(target);
	const same =
		now !== undefined &&
		now.ino === before.ino &&
		now.dev === before.dev &&
		now.size === before.size &&
		now.mtimeNs === before.mtimeNs;
	if (!same) {
		throw unusableBecause(path, "write", "someone else changed it in the meantime; read it again and repeat");
	}
}

/** Brings the rename to the disk. Windows cannot do it, and some file systems need not. */
async function syncFolder(folder: string): Promise<void> {
	let handle: FileHandle | undefined;
	try {
		handle = await open(folder, "r");
		await handle.sync();
	} catch {
		// The new content is in place either way.
	} finally {
		await handle?.close().catch(() => {});
	}
}
