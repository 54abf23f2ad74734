import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** A started program with a folder of its own, which goes with it. */
export interface ServerProcess {
	readonly folder: string;
	stop(): Promise<void>;
}

/**
 * A port of the loopback address on which nobody listens.
 *
 * @param count - so many in a row are free; the first is given
 */
export async function freePort(count = 1): Promise<number> {
	for (;;) {
		const port = await listened(0);
		const next = Array.from({ length: count - 1 }, (_, index) => listened(port! + index + 1));
		if (port !== undefined && (await Promise.all(next)).every((one) => one !== undefined)) return port;
	}
}

/** The port on which one could listen; undefined where it is taken. */
function listened(port: number): Promise<number | undefined> {
	return new Promise((resolve) => {
		const server = createServer();
		server.on("error", () => resolve(undefined));
		server.listen(port, "127.0.0.1", () => {
			const { port: given } = server.address() as { port: number };
			server.close(() => resolve(given));
		});
	});
}

/**
 * Starts a server and waits until it is ready.
 *
 * @param ready - asked again and again; an error counts as no
 * @throws Error with the last words of the server, when it ends or is not ready after 60 seconds
 */
export async function startServer(
	command: string,
	args: readonly string[],
	ready: () => Promise<boolean>,
	environment: Readonly<Record<string, string>> = {},
): Promise<ServerProcess> {
	const folder = mkdtempSync(join(tmpdir(), "sopskit-server-"));
	const child = spawn(command, args, {
		cwd: folder,
		env: { PATH: process.env.PATH, HOME: folder, ...environment },
		stdio: ["ignore", "pipe", "pipe"],
	});
	let words = "";
	const listen = (chunk: Buffer): void => {
		words = (words + chunk.toString("utf8")).slice(-2000);
	};
	child.stdout.on("data", listen);
	child.stderr.on("data", listen);
	let failure: string | undefined;
	child.on("error", (error) => {
		failure = error.message;
	});
	const stop = async (): Promise<void> => {
		await ended(child);
		rmSync(folder, { recursive: true, force: true });
	};
	const end = Date.now() + 60_000;
	while (!(await ready().catch(() => false))) {
		if (failure !== undefined || child.exitCode !== null || Date.now() > end) {
			await stop();
			throw new Error(`${command} did not become ready: ${failure ?? words}`);
		}
		await new Promise((resolve) => setTimeout(resolve, 50));
	}
	return { folder, stop };
}

function ended(child: ChildProcess): Promise<void> {
	if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined)
		return Promise.resolve();
	return new Promise((resolve) => {
		const late = setTimeout(() => child.kill("SIGKILL"), 5000);
		child.on("close", () => {
			clearTimeout(late);
			resolve();
		});
		child.kill();
	});
}
