import { type KeyCall, KeyError, UsageError } from "@sopskit/core";
import { untilAborted } from "../abort.ts";
import { type AgeStanza, fromBase64 } from "../header.ts";
import { checkOptionNames } from "../option-names.ts";
import { isPluginName } from "../plugin-name.ts";
import type { AgePlugins } from "../plugins.ts";
import type { Variables } from "./key-command.ts";
import { PluginProcess } from "./plugin-process.ts";

/** What a plugin wants of a person. Its texts are the plugin's and not checked. */
export interface PluginRequest {
	/** Name of the plugin, as in `age-plugin-<name>`. */
	readonly plugin: string;
	/** What the plugin says: a message, a question, or what went wrong. */
	readonly text: string;
	/** Aborts when the caller has given up. */
	readonly signal?: AbortSignal;
}

/** A choice between two answers. */
export interface PluginConfirmation extends PluginRequest {
	/** What to call the answer yes. */
	readonly yes: string;
	/** What to call the answer no; absent: there is nothing to choose, only to acknowledge. */
	readonly no?: string;
}

/** How plugins reach a person. Where one is absent, or fails, the plugin is told that it cannot be. */
export interface PluginPrompts {
	/** Shows a message, such as "touch your key"; and, with `isError`, why the plugin gave up. */
	readonly message?: (request: PluginRequest & { readonly isError: boolean }) => unknown;
	/** Asks for something that may be seen while it is typed. */
	readonly requestPublic?: (request: PluginRequest) => string | Promise<string>;
	/** Asks for a secret, such as a PIN. */
	readonly requestSecret?: (request: PluginRequest) => string | Promise<string>;
	/** Asks for yes or no. */
	readonly confirm?: (request: PluginConfirmation) => boolean | Promise<boolean>;
}

/** What {@link agePlugins} takes. */
export interface AgePluginsOptions {
	/** Names of the plugins that may be started, such as `["yubikey"]`, or `"all"`. */
	readonly allow: readonly string[] | "all";
	/** What the plugins see, mostly `process.env`. They are looked for in the absolute folders of its `PATH`. */
	readonly environment: Variables;
	readonly prompts?: PluginPrompts | undefined;
	/** Milliseconds to wait for the next word of a plugin; 120 000 by default. Time that a prompt takes is not counted. */
	readonly timeout?: number | undefined;
}

/**
 * Enables age plugins, for `age({ plugins })` and `recipient(text, { plugins })`. A plugin is the program
 * `age-plugin-<name>`; it is started anew for each wrap and unwrap, one at a time for each name, and ended with the
 * caller's signal. Recipients of files can name plugins too, so allow those you use.
 *
 * @throws UsageError `argument-invalid`, `option-unknown`
 */
export function agePlugins(options: AgePluginsOptions): AgePlugins {
	check(options);
	const { allow, environment, prompts = {}, timeout = 120_000 } = options;
	const last = new Map<string, Promise<void>>();

	async function converse<T>(
		plugin: string,
		protocol: "recipient-v1" | "identity-v1",
		signal: AbortSignal | undefined,
		talk: (process: PluginProcess) => Promise<T>,
	): Promise<T> {
		if (allow !== "all" && !allow.includes(plugin)) {
			throw new KeyError(
				"refused",
				`the plugin ${plugin} is not enabled: add it to the option allow of agePlugins()`,
			);
		}
		// Two of one kind would ask for the same key, and the same person.
		const before = last.get(plugin) ?? Promise.resolve();
		let leave = (): void => {};
		const mine = new Promise<void>((resolve) => {
			leave = resolve;
		});
		last.set(
			plugin,
			Promise.all([before, mine]).then(() => {}),
		);
		try {
			await untilAborted(signal, () => before);
			const process = await PluginProcess.start(plugin, protocol, { ...environment }, timeout);
			const kill = (): void => process.kill();
			signal?.addEventListener("abort", kill, { once: true });
			try {
				return await untilAborted(signal, () => talk(process));
			} finally {
				signal?.removeEventListener("abort", kill);
				await process.close();
			}
		} finally {
			leave();
		}
	}

	return Object.freeze<AgePlugins>({
		identity: (plugin, text) =>
			Object.freeze({
				unwrapFileKey: (stanzas: AgeStanza[], { signal }: KeyCall) =>
					converse(plugin, "identity-v1", signal, (process) =>
						unwrap(process, text, stanzas, { plugin, prompts, signal }),
					),
			}),
		wrapFileKey: (plugin, recipient, fileKey, { signal }) =>
			converse(plugin, "recipient-v1", signal, (process) =>
				wrap(process, recipient, fileKey, { plugin, prompts, signal }),
			),
	});
}

function check(options: AgePluginsOptions): void {
	const bad = (what: string): never => {
		throw new UsageError("argument-invalid", `agePlugins: ${what}`);
	};
	checkOptionNames("agePlugins", options, ["allow", "environment", "prompts", "timeout"]);
	const { allow, environment, prompts = {}, timeout } = options;
	if (
		allow !== "all" &&
		!(Array.isArray(allow) && allow.every((name) => typeof name === "string" && isPluginName(name)))
	) {
		bad('allow must be "all" or a list of names such as ["yubikey"]');
	}
	if (typeof environment !== "object" || environment === null) {
		bad("environment must be the variables that plugins see, such as process.env");
	}
	checkOptionNames("agePlugins: prompts", prompts, ["message", "requestPublic", "requestSecret", "confirm"]);
	for (const [name, prompt] of Object.entries(prompts)) {
		if (prompt !== undefined && typeof prompt !== "function") bad(`prompts.${name} must be a function`);
	}
	if (timeout !== undefined && !(Number.isInteger(timeout) && timeout > 0)) {
		bad("timeout must be a whole number of milliseconds above 0");
	}
}

/** Whom a plugin talks to in one conversation. */
interface Listener {
	readonly plugin: string;
	readonly prompts: PluginPrompts;
	readonly signal: AbortSignal | undefined;
}

async function unwrap(
	process: PluginProcess,
	identity: string,
	stanzas: readonly AgeStanza[],
	listener: Listener,
): Promise<Uint8Array | null> {
	process.send(["add-identity", identity]);
	for (const { args, body } of stanzas) process.send(["recipient-stanza", "0", ...args], body);
	process.send(["done"]);
	let fileKey: Uint8Array | null = null;
	await listen(process, listener, ({ args, body }) => {
		if (args[0] !== "file-key") return false;
		if (args.length !== 2 || args[1] !== "0" || fileKey !== null) process.outOfProtocol();
		fileKey = body;
		process.send(["ok"]);
		return true;
	});
	return fileKey;
}

async function wrap(
	process: PluginProcess,
	recipient: string,
	fileKey: Uint8Array,
	listener: Listener,
): Promise<AgeStanza[]> {
	process.send(["add-recipient", recipient]);
	process.send(["wrap-file-key"], fileKey);
	// Labels say which recipients may stand together. Here each stands alone.
	process.send(["extension-labels"]);
	process.send(["done"]);
	const stanzas: AgeStanza[] = [];
	await listen(process, listener, ({ args, body }) => {
		if (args[0] === "recipient-stanza") {
			if (args.length < 3 || args[1] !== "0") process.outOfProtocol();
			stanzas.push({ args: args.slice(2), body });
		} else if (args[0] !== "labels") return false;
		process.send(["ok"]);
		return true;
	});
	return stanzas.length === 0 ? process.outOfProtocol() : stanzas;
}

/** The second phase, in which the plugin speaks: until it is done. */
async function listen(
	process: PluginProcess,
	listener: Listener,
	take: (stanza: AgeStanza) => boolean,
): Promise<void> {
	for (;;) {
		const stanza = await process.receive();
		if (stanza.args[0] === "done") return;
		if (stanza.args[0] === "error") {
			process.send(["ok"]);
			await giveUp(stanza, listener);
		}
		if (!take(stanza)) await prompt(process, stanza, listener);
	}
}

/** What a plugin says of an error may hold anything: it goes to the person, and into no error. */
async function giveUp({ body }: AgeStanza, { plugin, prompts, signal }: Listener): Promise<never> {
	const text = new TextDecoder().decode(body);
	const hint = prompts.message ? "" : ": pass prompts.message to agePlugins() to see why";
	try {
		await prompts.message?.({ plugin, text, isError: true, ...(signal && { signal }) });
	} catch {
		// The plugin's trouble is the greater one.
	}
	throw new KeyError("failed", `age-plugin-${plugin} reported an error${hint}`);
}

async function prompt(process: PluginProcess, { args, body }: AgeStanza, listener: Listener): Promise<void> {
	const { plugin, prompts, signal } = listener;
	const request = { plugin, text: new TextDecoder().decode(body), ...(signal && { signal }) };
	const answer = async (): Promise<{ args: string[]; body?: Uint8Array }> => {
		const ask = { "request-public": prompts.requestPublic, "request-secret": prompts.requestSecret }[
			args[0]!
		];
		switch (args[0]) {
			case "msg":
				if (prompts.message === undefined) return { args: ["fail"] };
				await prompts.message({ ...request, isError: false });
				return { args: ["ok"] };
			case "request-public":
			case "request-secret": {
				const value = await ask?.(request);
				return typeof value === "string"
					? { args: ["ok"], body: new TextEncoder().encode(value) }
					: { args: ["fail"] };
			}
			case "confirm": {
				const [yes, no] = args.slice(1).map((word) => fromBase64(word));
				if (args.length > 3 || yes === undefined || (args.length === 3 && no === undefined)) {
					return process.outOfProtocol();
				}
				const words = { yes: new TextDecoder().decode(yes), ...(no && { no: new TextDecoder().decode(no) }) };
				if (prompts.confirm === undefined) return { args: ["fail"] };
				return { args: ["ok", (await prompts.confirm({ ...request, ...words })) === true ? "yes" : "no"] };
			}
			default:
				return { args: ["unsupported"] };
		}
	};
	let reply: { args: string[]; body?: Uint8Array };
	try {
		reply = await answer();
	} catch (error) {
		if (error instanceof KeyError) throw error;
		reply = { args: ["fail"] };
	}
	process.send(reply.args, reply.body);
}
