import { rmSync } from "node:fs";
import { mkdtemp, readFile, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";

/** Signals that end a process, and would leave the plaintext behind. */
const SIGNALS = ["SIGHUP", "SIGINT", "SIGTERM"] as const;

/** A plaintext on disk, for the time of one call, which only its owner can read. */
export interface PlaintextFile {
	/** Its name is that of the encrypted file, so that editors know its kind. */
	readonly path: string;
	read(): Promise<Uint8Array>;
}

/**
 * Puts a plaintext into a folder of its own below the system's folder for temporary files, and takes it away when the
 * work is over, when it fails, when the process exits, and when a signal ends it; the signal is then passed on.
 *
 * @param name - path of the encrypted file
 * @throws what the work throws, and errors of the file system
 */
export async function withPlaintextFile<T>(
	name: string,
	bytes: Uint8Array,
	work: (file: PlaintextFile) => Promise<T>,
): Promise<T> {
	const folder = await mkdtemp(join(tmpdir(), "sopskit-edit-"));
	const remove = (): void => rmSync(folder, { recursive: true, force: true });
	const onSignal = (signal: NodeJS.Signals): void => {
		stop();
		remove();
		process.kill(process.pid, signal);
	};
	const stop = (): void => {
		process.off("exit", remove);
		for (const signal of SIGNALS) process.off(signal, onSignal);
	};
	process.on("exit", remove);
	for (const signal of SIGNALS) process.on(signal, onSignal);
	try {
		const path = join(folder, basename(name));
		await writeFile(path, bytes, { mode: 0o600, flag: "wx" });
		return await work({ path, read: () => readFile(path) });
	} finally {
		stop();
		remove();
	}
}
