import { readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import type { LoadedKeys } from "./key-ring.ts";
import { type KeyBlock, readRing } from "./key-text.ts";

/** Where the ring files of a GnuPG home are, if not at their usual places. */
export interface PgpRingFiles {
	/** `pubring.gpg` of the home by default. */
	readonly pubring?: string | undefined;
	/** `secring.gpg` of the home by default, or the pubring where that file does not exist. */
	readonly secring?: string | undefined;
}

/**
 * Reads the ring files as the reference does before it starts gpg (sops 3.13.3, pgp/keysource.go): binary packets,
 * or an armored export. GnuPG 2.1 and later keeps keys elsewhere, in a keybox and with its agent; that is a remark.
 * A file that fails is one too, and hides no other.
 */
export async function readRingFiles(home: string | undefined, files: PgpRingFiles): Promise<LoadedKeys> {
	const inHome = (name: string): string | undefined => (home === undefined ? undefined : join(home, name));
	const paths = [files.pubring ?? inHome("pubring.gpg"), files.secring ?? inHome("secring.gpg")];
	const blocks: KeyBlock[] = [];
	const remarks: string[] = [];
	let found = 0;
	for (const path of paths) {
		if (path === undefined) continue;
		const read = await readIfThere(path);
		if (read === undefined) continue;
		found += 1;
		const result = "trouble" in read ? read.trouble : readRing(read.bytes, path);
		if (typeof result === "string") remarks.push(`${path}: ${result}`);
		else blocks.push(...result);
	}
	if (found === 0 && home !== undefined) {
		const keybox = await stat(join(home, "pubring.kbx")).then(
			() => true,
			() => false,
		);
		remarks.push(
			keybox
				? `${home} keeps its keys in a keybox (pubring.kbx), which only gpg reads`
				: `${home} has neither pubring.gpg nor secring.gpg`,
		);
	}
	return { blocks, remarks };
}

type ReadFile = { readonly bytes: Uint8Array } | { readonly trouble: string };

async function readIfThere(path: string): Promise<ReadFile | undefined> {
	try {
		return { bytes: await readFile(path) };
	} catch (error) {
		const { code } = error as { readonly code?: unknown };
		if (code === "ENOENT") return undefined;
		return { trouble: `cannot be read (${String(code).replace(/\W/g, "")})` };
	}
}
