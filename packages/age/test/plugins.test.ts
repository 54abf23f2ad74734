import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { inspect } from "node:util";
import { isKeyError, type KeyError, UsageError } from "@sopskit/core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { age, generateIdentity, recipient, recipients } from "../src/index.ts";
import {
	type AgePluginsOptions,
	agePlugins,
	type PluginConfirmation,
	type PluginRequest,
} from "../src/node.ts";
import { ASKER, installAsker } from "./asker.ts";

const part = new Uint8Array(Buffer.from("a data key of thirty-two bytes!!"));
const ref = (text: string) => ({ type: "age", id: text, fields: { recipient: text } });

describe.runIf(process.platform !== "win32")("agePlugins", () => {
	let path: string;
	let remove: () => void;
	beforeAll(() => {
		({ path, remove } = installAsker());
	});
	afterAll(() => remove());

	const plugins = (mode: string, options: Partial<AgePluginsOptions> = {}) =>
		agePlugins({ allow: ["asker"], environment: { PATH: path, ASKER: mode }, ...options });
	const enc = () => recipient(ASKER.recipient, { plugins: plugins("quiet") }).wrap!(part, {});

	async function failure(mode: string, options: Partial<AgePluginsOptions> = {}): Promise<KeyError> {
		const provider = age({ identities: ASKER.identity, plugins: plugins(mode, options) });
		const work = provider.masterKey(ref(ASKER.recipient))!.unwrap!(await enc(), {});
		const error = await work.then(
			() => new Error("nothing was thrown"),
			(thrown: Error) => thrown,
		);
		if (!isKeyError(error)) throw error;
		expect(inspect(error, { showHidden: true, depth: Infinity })).not.toContain(ASKER.identity.slice(0, 24));
		return error;
	}

	it("wraps for a recipient of a plugin and unwraps with an identity of one", async () => {
		const provider = age({ identities: ASKER.identity, plugins: plugins("quiet") });
		for (const key of [
			recipient(ASKER.recipient, { plugins: plugins("quiet") }),
			provider.masterKey(ref(ASKER.recipient))!,
		]) {
			expect(await provider.masterKey(key.ref)!.unwrap!(await key.wrap!(part, {}), {})).toEqual(part);
		}
		const [listed] = recipients(`# team\n${ASKER.recipient}`, { plugins: plugins("quiet") });
		expect(listed!.ref.id).toBe(ASKER.recipient);
		const stranger = age({ identities: ASKER.stranger, plugins: plugins("quiet") });
		expect(await stranger.masterKey(ref(ASKER.recipient))!.unwrap!(await enc(), {})).toEqual({
			notMine: `no identity for ${ASKER.recipient}; 1 identity tried`,
		});
	});

	it("hands questions to the prompts, and answers to the plugin", async () => {
		const asked: unknown[] = [];
		const note = (kind: string, answer: unknown) => (request: PluginRequest | PluginConfirmation) => {
			asked.push([kind, request]);
			return answer as never;
		};
		const prompts = {
			message: note("message", undefined),
			requestPublic: note("public", Promise.resolve("someone")),
			requestSecret: note("secret", "1234"),
			confirm: note("confirm", true),
		};
		const provider = age({ identities: ASKER.identity, plugins: plugins("questions", { prompts }) });
		expect(await provider.masterKey(ref(ASKER.recipient))!.unwrap!(await enc(), {})).toEqual(part);
		const plugin = "asker";
		expect(asked).toEqual([
			["message", { plugin, text: "touch nothing", isError: false }],
			["public", { plugin, text: "What is your name?" }],
			["secret", { plugin, text: "What is your PIN?" }],
			["confirm", { plugin, text: "Are you sure?", yes: "Yes, please", no: "No, thanks" }],
			["confirm", { plugin, text: "This is a test.", yes: "Understood" }],
		]);
		asked.length = 0;
		const wrapped = await recipient(ASKER.recipient, { plugins: plugins("questions", { prompts }) }).wrap!(
			part,
			{},
		);
		expect(asked).toHaveLength(5);
		expect(await provider.masterKey(ref(ASKER.recipient))!.unwrap!(wrapped, {})).toEqual(part);
	});

	it("tells the plugin where nobody answers, and a person what the plugin says then", async () => {
		const error = await failure("questions");
		expect(error).toMatchObject({
			outcome: "failed",
			message: expect.stringContaining(
				"age-plugin-asker reported an error: pass prompts.message to agePlugins() to see why",
			),
		});
		const heard: string[] = [];
		const prompts = {
			message: ({ text, isError }: { text: string; isError: boolean }) => void (isError && heard.push(text)),
			requestPublic: () => Promise.reject(new Error("1234")),
			requestSecret: () => 1234 as never,
			confirm: () => false,
		};
		await failure("questions", { prompts });
		expect(heard).toEqual(["fail:,fail:,ok:no,ok:no"]);
		await failure("refuse", { prompts });
		expect(heard[1]).toBe(`no key for ${ASKER.identity}`);
	});

	it.each([
		["rubbish", "failed", "does not keep to the protocol"],
		["twice", "failed", "does not keep to the protocol"],
		["flood", "failed", "wrote more than any stanza needs"],
		["die", "failed", "ended before it was done"],
		["hang", "timeout", "did not answer for 0.3 seconds"],
	])("copes with a plugin that does %s", async (mode, outcome, message) => {
		const error = await failure(mode, mode === "hang" ? { timeout: 300 } : {});
		expect(error).toMatchObject({ outcome, message: expect.stringContaining(`age-plugin-asker ${message}`) });
	});

	it("starts none that was not enabled", async () => {
		const enabled = plugins("quiet", { allow: ["yubikey"] });
		expect((await failure("quiet", { allow: [] })).outcome).toBe("refused");
		await expect(
			age({ plugins: enabled }).masterKey(ref(ASKER.recipient))!.wrap!(part, {}),
		).rejects.toMatchObject({
			outcome: "refused",
			message: "the plugin asker is not enabled: add it to the option allow of agePlugins()",
		});
		await expect(age().masterKey(ref(ASKER.recipient))!.wrap!(part, {})).rejects.toMatchObject({
			outcome: "misconfigured",
		});
		const without = age({ identities: ASKER.identity }).masterKey(ref(ASKER.recipient))!.unwrap!(
			await enc(),
			{},
		);
		await expect(without).rejects.toMatchObject({
			outcome: "refused",
			message: expect.stringContaining("agePlugins("),
		});
		expect(() => recipient(ASKER.recipient)).toThrow("it needs the plugin asker");
	});

	it("starts none for the entries that another identity opens", async () => {
		const mine = await generateIdentity();
		const provider = age({ identities: [ASKER.identity, mine.identity], plugins: plugins("die") });
		const key = recipient(mine.recipient);
		const entry = { ref: key.ref, enc: await key.wrap!(part, {}) };
		const entries = [{ ref: ref(ASKER.recipient), enc: await enc() }, entry];
		expect(await provider.unwrapAny!(entries, {})).toEqual({ part, entry });
	});

	it("looks for a plugin in absolute folders of the given PATH only", async () => {
		const temporary = mkdtempSync(join(tmpdir(), "age-plugin-"));
		mkdirSync(join(temporary, "age-plugin-asker"));
		try {
			for (const PATH of [undefined, "", ".:", "relative/bin", temporary.slice(1)]) {
				const error = await failure("quiet", { environment: PATH === undefined ? {} : { PATH } });
				expect(error.outcome).toBe("misconfigured");
				expect(error.message).toContain("age-plugin-asker is not in any folder of PATH: install the plugin");
			}
			writeFileSync(join(temporary, "x"), "");
			const started = await failure("quiet", { environment: { PATH: temporary } });
			expect(started).toMatchObject({
				outcome: "misconfigured",
				message: expect.stringContaining("could not be started"),
			});
		} finally {
			rmSync(temporary, { recursive: true });
		}
	});

	it("ends with the caller's signal, also while a question is open or another one is running", async () => {
		const abort = new AbortController();
		let isOpen = (): void => {};
		const open = new Promise<void>((resolve) => {
			isOpen = resolve;
		});
		const seen: (AbortSignal | undefined)[] = [];
		const prompts = {
			message: ({ signal }: PluginRequest) => {
				seen.push(signal);
				isOpen();
				return new Promise(() => {});
			},
		};
		const provider = age({ identities: ASKER.identity, plugins: plugins("questions", { prompts }) });
		const key = provider.masterKey(ref(ASKER.recipient))!;
		const wrapped = await enc();
		const [first, second] = [1, 2].map(() => key.unwrap!(wrapped, { signal: abort.signal }));
		await open;
		abort.abort();
		await expect(first).rejects.toMatchObject({ outcome: "aborted" });
		await expect(second).rejects.toMatchObject({ outcome: "aborted" });
		expect(seen).toHaveLength(1);
		expect(seen[0]!.aborted).toBe(true);
		const after = plugins("quiet");
		expect(
			await age({ identities: ASKER.identity, plugins: after }).masterKey(key.ref)!.unwrap!(wrapped, {}),
		).toEqual(part);
	});

	it("runs one of a name at a time", async () => {
		let underWay = 0;
		let most = 0;
		const prompts = {
			message: async () => {
				most = Math.max(most, ++underWay);
				await new Promise((resolve) => setTimeout(resolve, 20));
				underWay--;
			},
			requestPublic: () => "someone",
			requestSecret: () => "1234",
			confirm: () => true,
		};
		const key = age({ identities: ASKER.identity, plugins: plugins("questions", { prompts }) }).masterKey(
			ref(ASKER.recipient),
		)!;
		const wrapped = await enc();
		expect(await Promise.all([1, 2, 3].map(() => key.unwrap!(wrapped, {})))).toEqual([part, part, part]);
		expect(most).toBe(1);
	});

	it("refuses misuse", () => {
		const good = { allow: ["asker"], environment: {} };
		for (const [options, message] of [
			[undefined, "must be an object"],
			[{ ...good, allow: undefined }, "allow must be"],
			[{ ...good, allow: "asker" }, "allow must be"],
			[{ ...good, allow: ["../asker"] }, "allow must be"],
			[{ allow: "all" }, "environment must be"],
			[{ ...good, prompts: { message: "x" } }, "prompts.message must be a function"],
			[{ ...good, prompts: { confrim: () => true } }, "unknown option confrim. It knows: message,"],
			[{ ...good, timeout: 0 }, "timeout must be"],
			[{ ...good, path: "" }, "unknown option path. It knows: allow, environment,"],
		] as const) {
			expect(() => agePlugins(options as never)).toThrow(UsageError);
			expect(() => agePlugins(options as never)).toThrow(message);
		}
		expect(() => age({ plugins: good } as never)).toThrow("plugins must be what agePlugins() gives");
		expect(() => recipient(ASKER.recipient, { plugins: good } as never)).toThrow("agePlugins()");
		expect(() => ["x"].map(recipient as never)).toThrow("the options must be an object");
	});
});
