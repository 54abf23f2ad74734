import { type ChildProcessByStdio, spawn } from "node:child_process";
import { constants } from "node:fs";
import { access } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, isAbsolute, join } from "node:path";
import type { Readable, Writable } from "node:stream";
import { KeyError } from "@sopskit/core";
import { type AgeStanza, StanzaBody, stanzaArgs, stanzaText } from "../header.ts";
import type { Variables } from "./key-command.ts";

/** Bytes that a plugin may write without ending a line or a stanza. */
const MOST_PENDING = 1 << 20;
/** Milliseconds in which a plugin that was told to end must have ended. */
const GRACE = 2000;

/** A plugin that runs, and the two ways of stanzas to it (C2SP age-plugin, "Communication"). */
export class PluginProcess {
	private readonly child: ChildProcessByStdio<Writable, Readable, null>;
	private readonly plugin: string;
	private readonly timeout: number;
	private readonly gone: Promise<void>;
	private pending = "";
	private wake: () => void = () => {};
	private trouble: KeyError | undefined;

	/**
	 * Starts a plugin.
	 *
	 * @param timeout - milliseconds to wait for each stanza
	 * @throws KeyError `misconfigured` where it is not installed
	 */
	static async start(
		plugin: string,
		protocol: "recipient-v1" | "identity-v1",
		environment: Variables,
		timeout: number,
	): Promise<PluginProcess> {
		const program = `age-plugin-${plugin}`;
		const path = await find(program, environment);
		if (path === undefined) {
			throw new KeyError("misconfigured", `${program} is not in any folder of PATH: install the plugin`);
		}
		return new PluginProcess(path, plugin, protocol, environment, timeout);
	}

	private constructor(
		path: string,
		plugin: string,
		protocol: string,
		environment: Variables,
		timeout: number,
	) {
		this.plugin = plugin;
		this.timeout = timeout;
		this.child = spawn(path, [`--age-plugin=${protocol}`], {
			// As the reference: no plugin should come to rely on where it was started.
			cwd: tmpdir(),
			env: { ...environment },
			stdio: ["pipe", "pipe", "ignore"],
			windowsHide: true,
		});
		// A plugin that ended reads no more; that shows when its answer is waited for.
		this.child.stdin.on("error", () => {});
		this.child.stdout.setEncoding("latin1");
		this.child.stdout.on("data", (text: string) => {
			this.pending += text;
			if (this.pending.length > MOST_PENDING) this.fail("failed", "wrote more than any stanza needs");
			this.wake();
		});
		this.child.stdout.on("end", () => this.fail("failed", "ended before it was done"));
		this.gone = new Promise((resolve) => {
			this.child.on("error", ({ code }: NodeJS.ErrnoException) => {
				this.fail("misconfigured", `could not be started (${code ?? "unknown error"})`);
				resolve();
			});
			this.child.on("close", () => resolve());
		});
	}

	send(args: string[], body: Uint8Array = new Uint8Array()): void {
		this.child.stdin.write(stanzaText({ args, body }));
	}

	/**
	 * The next stanza.
	 *
	 * @throws KeyError `timeout`, or `failed` where the plugin ended or does not keep to the protocol
	 */
	async receive(): Promise<AgeStanza> {
		const timer = setTimeout(
			() => this.fail("timeout", `did not answer for ${this.timeout / 1000} seconds`),
			this.timeout,
		);
		try {
			const args = stanzaArgs(await this.line());
			const body = new StanzaBody();
			while (args !== undefined && !body.ended) if (!body.add(await this.line())) break;
			if (args !== undefined && body.ended) return { args, body: body.bytes() };
			return this.outOfProtocol();
		} finally {
			clearTimeout(timer);
		}
	}

	/** @throws KeyError `failed`, always */
	outOfProtocol(): never {
		throw new KeyError("failed", `age-plugin-${this.plugin} does not keep to the protocol of age plugins`);
	}

	/** Ends it at once. */
	kill(): void {
		this.child.kill("SIGKILL");
	}

	/** Ends it as the reference does, and waits until it has. */
	async close(): Promise<void> {
		this.child.stdin.end();
		this.child.kill("SIGINT");
		const timer = setTimeout(() => this.kill(), GRACE);
		await this.gone;
		clearTimeout(timer);
	}

	private async line(): Promise<string> {
		for (;;) {
			const end = this.pending.indexOf("\n");
			if (end !== -1) {
				const line = this.pending.slice(0, end);
				this.pending = this.pending.slice(end + 1);
				return line;
			}
			if (this.trouble !== undefined) throw this.trouble;
			await new Promise<void>((resolve) => {
				this.wake = resolve;
			});
		}
	}

	private fail(outcome: "failed" | "timeout" | "misconfigured", what: string): void {
		this.trouble ??= new KeyError(outcome, `age-plugin-${this.plugin} ${what}`);
		if (outcome !== "misconfigured") this.kill();
		this.wake();
	}
}

/**
 * Looks for a program in the absolute folders of PATH: the working directory of a plugin is one that anyone may
 * write to.
 */
async function find(program: string, environment: Variables): Promise<string | undefined> {
	const isWindows = process.platform === "win32";
	const name = Object.keys(environment).find((one) => (isWindows ? one.toUpperCase() : one) === "PATH");
	const folders = (name === undefined ? "" : (environment[name] ?? "")).split(delimiter);
	for (const folder of folders.filter((one) => isAbsolute(one))) {
		const path = join(folder, isWindows ? `${program}.exe` : program);
		try {
			await access(path, constants.X_OK);
			return path;
		} catch {
			// In the next one, perhaps.
		}
	}
	return undefined;
}
