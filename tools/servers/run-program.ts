import { spawn } from "node:child_process";

/** How a program ended. */
export interface ProgramResult {
	readonly status: number | null;
	readonly stdout: string;
	readonly stderr: string;
}

/** Runs a program to its end without holding up servers that live in this process. */
export function runProgram(
	command: string,
	args: readonly string[],
	options: {
		readonly environment: Readonly<Record<string, string>>;
		readonly input?: string;
		readonly folder?: string;
	},
): Promise<ProgramResult> {
	return new Promise((resolve, reject) => {
		const child = spawn(command, args, { env: { ...options.environment }, cwd: options.folder });
		let [stdout, stderr] = ["", ""];
		child.stdout.setEncoding("utf8").on("data", (text: string) => {
			stdout += text;
		});
		child.stderr.setEncoding("utf8").on("data", (text: string) => {
			stderr += text;
		});
		child.on("error", reject);
		child.on("close", (status) => resolve({ status, stdout, stderr }));
		child.stdin.on("error", () => {});
		child.stdin.end(options.input ?? "");
	});
}
