import { spawn } from "node:child_process";
import { KeyError } from "@sopskit/core";
import type { AgeIdentity } from "../identity.ts";
import { once } from "../once.ts";

/** Bytes: key files are small. */
const MOST_OUTPUT = 1 << 24;
/** Recipients whose output is kept. */
const MOST_RECIPIENTS = 1000;

/** Variables, such as `process.env`. */
export type Variables = Readonly<Record<string, string | undefined>>;

/**
 * What a command writes for each recipient, run once for each at the most. The recipient is in
 * `SOPS_AGE_RECIPIENT`, as in sops 3.13.3 (age/keysource.go), which runs it for each key of each file.
 *
 * @param name - the variable that holds the command
 * @param read - makes identities of the output
 */
export function commandOutput(
	words: readonly string[],
	environment: Variables,
	name: string,
	read: (output: Uint8Array) => Promise<readonly AgeIdentity[]>,
): (signal: AbortSignal | undefined, recipient: string) => Promise<readonly AgeIdentity[]> {
	const outputs = new Map<string, (signal: AbortSignal | undefined) => Promise<readonly AgeIdentity[]>>();
	return async (signal, recipient) => {
		// It comes out of a file, and nobody knows what the command does with it.
		if (/[\x00-\x1f\x7f]/.test(recipient)) return [];
		let output = outputs.get(recipient);
		if (output === undefined) {
			// Files may name any number of recipients.
			if (outputs.size === MOST_RECIPIENTS) outputs.clear();
			const variables = { ...environment, SOPS_AGE_RECIPIENT: recipient };
			output = once(async (end) => {
				const bytes = await run(words, variables, name, end);
				try {
					return await read(bytes);
				} finally {
					bytes.fill(0);
				}
			});
			outputs.set(recipient, output);
		}
		return output(signal);
	};
}

/** Runs a command without a shell, and without anything to read. */
function run(
	[program, ...parameters]: readonly string[],
	environment: Variables,
	name: string,
	signal: AbortSignal,
): Promise<Uint8Array> {
	return new Promise((resolve, reject) => {
		// The command is not repeated: it may hold a token.
		const fail = (reason: string): void =>
			reject(new KeyError("failed", `the command in ${name} ${reason}: try it in a shell`));
		const child = spawn(program!, parameters, {
			env: { ...environment },
			stdio: ["ignore", "pipe", "ignore"],
			windowsHide: true,
		});
		const chunks: Buffer[] = [];
		let length = 0;
		const kill = (): boolean => child.kill("SIGKILL");
		signal.addEventListener("abort", kill, { once: true });
		if (signal.aborted) kill();
		child.stdout.on("data", (chunk: Buffer) => {
			chunks.push(chunk);
			length += chunk.length;
			if (length > MOST_OUTPUT) kill();
		});
		child.on("error", (error: NodeJS.ErrnoException) => {
			signal.removeEventListener("abort", kill);
			fail(error.code === "ENOENT" ? "was not found" : `could not be started (${error.code ?? error.name})`);
		});
		child.on("close", (status, killedBy) => {
			signal.removeEventListener("abort", kill);
			const output = new Uint8Array(Buffer.concat(chunks));
			for (const chunk of chunks) chunk.fill(0);
			if (status === 0 && length <= MOST_OUTPUT) return resolve(output);
			output.fill(0);
			fail(length > MOST_OUTPUT ? "wrote more than 16 MiB" : `ended with ${killedBy ?? `status ${status}`}`);
		});
	});
}
