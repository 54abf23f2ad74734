import { spawn } from "node:child_process";
import { KeyError } from "@sopskit/core";

/** How to start gpg. */
export interface GpgCommand {
	readonly program: string;
	/** What stands before all other arguments, such as `--homedir`. */
	readonly prefix: readonly string[];
	/** All that the child sees of an environment. */
	readonly environment: Readonly<Record<string, string | undefined>>;
	/** Whether the caller said where the keyring is. If not, gpg would ask the system for the account's home. */
	readonly located: boolean;
}

/** How a run of gpg ended: its exit code, and what it said to programs. Its messages for people are dropped. */
export interface GpgRun {
	readonly exitCode: number | null;
	readonly output: Uint8Array;
	/** The status lines (doc/DETAILS of GnuPG), as keyword and arguments. */
	readonly status: readonly StatusLine[];
}

export interface StatusLine {
	readonly keyword: string;
	readonly values: readonly string[];
}

/** More than any answer to what is asked here. */
const MOST = 1_048_576;
const STATUS = "[GNUPG:] ";
const NOT_LOCATED =
	"gpg is not started: the environment has neither GNUPGHOME nor HOME; pass one of them, or the option home";

/**
 * Runs gpg without a shell and without a terminal; a passphrase is the agent's business. An aborted signal kills it.
 *
 * @throws KeyError `misconfigured` if it cannot be started, `aborted`, `failed` if it writes without end
 */
export function runGpg(
	command: GpgCommand,
	args: readonly string[],
	input: Uint8Array,
	signal: AbortSignal | undefined,
): Promise<GpgRun> {
	return new Promise((resolve, reject) => {
		if (signal?.aborted) {
			reject(aborted());
			return;
		}
		if (!command.located) {
			reject(new KeyError("misconfigured", NOT_LOCATED));
			return;
		}
		// Status lines share standard error with messages: other descriptors do not reach gpg on Windows.
		const all = [...command.prefix, "--batch", "--no-tty", "--status-fd", "2", ...args];
		const child = spawn(command.program, all, {
			env: { ...command.environment },
			stdio: ["pipe", "pipe", "pipe"],
			windowsHide: true,
			...(signal && { signal }),
		});
		const output: Buffer[] = [];
		const said: Buffer[] = [];
		let length = 0;
		const collect = (into: Buffer[]) => (chunk: Buffer) => {
			length += chunk.length;
			if (length > MOST) child.kill();
			else into.push(chunk);
		};
		child.stdout.on("data", collect(output));
		child.stderr.on("data", collect(said));
		// A program that ends before it has read everything: how it ended says more.
		child.stdin.on("error", () => {});
		const forget = (): void => {
			for (const chunk of output) chunk.fill(0);
		};
		child.on("error", (error: NodeJS.ErrnoException) => {
			forget();
			if (signal?.aborted) reject(aborted());
			else reject(notStarted(command.program, error.code));
		});
		child.on("close", (exitCode) => {
			const bytes = new Uint8Array(Buffer.concat(output));
			forget();
			if (signal?.aborted) reject(aborted());
			else if (length > MOST) reject(new KeyError("failed", "gpg wrote far more than a data key"));
			else resolve({ exitCode, output: bytes, status: statusLines(Buffer.concat(said).toString("latin1")) });
		});
		child.stdin.end(input);
	});
}

function statusLines(text: string): StatusLine[] {
	return text
		.split(/\r?\n/)
		.filter((line) => line.startsWith(STATUS))
		.map((line) => {
			const [keyword = "", ...values] = line.slice(STATUS.length).trim().split(" ");
			return { keyword, values };
		});
}

function aborted(): KeyError {
	return new KeyError("aborted", "aborted by the caller");
}

function notStarted(program: string, code: string | undefined): KeyError {
	const why =
		code === "ENOENT" ? "there is no such program" : `it cannot be started (${code ?? "unknown reason"})`;
	const name = program === "gpg" ? "gpg" : "the gpg that SOPS_GPG_EXEC or the option program names";
	return new KeyError(
		"misconfigured",
		`${name}: ${why}; install GnuPG, or pass the private key as text instead`,
	);
}
