import { inspect } from "node:util";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import {
	cachingProvider,
	type KeyEntry,
	KeyError,
	type KeyProvider,
	type KeyRef,
	UsageError,
} from "../src/index.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const ref: KeyRef = { type: "fake", id: "one", fields: { name: "one" } };
const entry = (enc: string, of: KeyRef = ref): KeyEntry => ({ ref: of, enc });

/** Unwraps a number to 32 bytes of it, or fails with a word; keeps every part it gave, to look at it later. */
function fake(options: { readonly any?: boolean } = {}) {
	const calls: string[] = [];
	const given: Uint8Array[] = [];
	const signals: (AbortSignal | undefined)[] = [];
	const waiting: (() => void)[] = [];
	let held = false;
	let closes = 0;
	const unwrap = async (enc: string, signal: AbortSignal | undefined) => {
		calls.push(enc);
		signals.push(signal);
		if (held) await new Promise<void>((resolve) => waiting.push(resolve));
		if (enc === "foreign") return { notMine: "somebody else's" };
		if (enc === "broken") throw new KeyError("damaged", "cut");
		const part = new Uint8Array(32).fill(Number(enc));
		given.push(part);
		return part;
	};
	const provider: KeyProvider = {
		name: "fake",
		masterKey: (of) =>
			of.type === "fake"
				? {
						ref: of,
						wrap: async (part) => String(part[0]),
						unwrap: (enc, { signal }) => unwrap(enc, signal),
					}
				: undefined,
		...(options.any && {
			async unwrapAny(entries: readonly KeyEntry[], { signal }: { signal?: AbortSignal }) {
				const failures = [];
				for (const one of entries) {
					const part = await unwrap(one.enc, signal).catch((error: KeyError) => error);
					if (part instanceof Uint8Array) return { part, entry: one };
					const hint = part instanceof KeyError ? part.message : part.notMine;
					failures.push({
						entry: one,
						outcome: part instanceof KeyError ? part.outcome : ("not-mine" as const),
						hint,
					});
				}
				return { failures };
			},
		}),
		close: async () => void closes++,
	};
	return {
		...{ provider, calls, given, signals },
		closes: () => closes,
		hold() {
			held = true;
		},
		release() {
			held = false;
			for (const go of waiting.splice(0)) go();
		},
	};
}

const unwrapOf = (provider: KeyProvider, of: KeyRef = ref) => {
	const key = provider.masterKey(of)!;
	return async (enc: string, signal?: AbortSignal) =>
		(await key.unwrap!(enc, signal === undefined ? {} : { signal })) as Uint8Array;
};
const filled = (byte: number): Uint8Array => new Uint8Array(32).fill(byte);
const isWiped = (part: Uint8Array): boolean => part.every((byte) => byte === 0);

async function failure(work: Promise<unknown>): Promise<KeyError> {
	const thrown = await work.then(
		() => undefined,
		(error: unknown) => error,
	);
	if (!(thrown instanceof KeyError)) throw new Error(`not a KeyError: ${inspect(thrown)}`);
	return thrown;
}

describe("a caching provider", () => {
	it("asks once for one entry, and gives each caller an array of its own", async () => {
		const { provider, calls } = fake();
		const unwrap = unwrapOf(cachingProvider(provider));
		const first = await unwrap("7");
		first.fill(0);
		const second = await unwrap("7");
		second.fill(1);
		expect(await unwrap("7")).toEqual(filled(7));
		expect(calls).toEqual(["7"]);
	});

	it("tells entries apart by type, id, fields and enc", async () => {
		const { provider, calls } = fake();
		const cached = cachingProvider(provider);
		await unwrapOf(cached)("7");
		await unwrapOf(cached)("8");
		await unwrapOf(cached, { ...ref, id: "two" })("7");
		await unwrapOf(cached, { ...ref, fields: { name: "one", role: "other" } })("7");
		expect(calls).toHaveLength(4);
		for (const again of [ref, { ...ref, id: "two" }]) await unwrapOf(cached, again)("7");
		expect(calls).toHaveLength(4);
	});

	it("belongs to one provider: another one's cache knows nothing of it", async () => {
		const mine = fake();
		const theirs = fake();
		const shared = cachingProvider(mine.provider);
		await unwrapOf(shared)("7");
		await unwrapOf(cachingProvider(mine.provider))("7");
		await unwrapOf(cachingProvider(theirs.provider))("7");
		expect([mine.calls.length, theirs.calls.length]).toEqual([2, 1]);
	});

	it("remembers no failure", async () => {
		const { provider, calls } = fake();
		const unwrap = unwrapOf(cachingProvider(provider));
		for (let i = 0; i < 2; i++) {
			expect(await unwrap("foreign")).toEqual({ notMine: "somebody else's" });
			expect((await failure(unwrap("broken"))).outcome).toBe("damaged");
		}
		expect(calls).toEqual(["foreign", "broken", "foreign", "broken"]);
	});

	it("forgets after the lifetime, used or not, and overwrites what it forgets", async () => {
		const { provider, calls, given } = fake();
		const unwrap = unwrapOf(cachingProvider(provider, { lifetimeMs: 1000 }));
		await unwrap("1");
		await vi.advanceTimersByTimeAsync(600);
		await unwrap("2");
		expect(await unwrap("1")).toEqual(filled(1));
		await vi.advanceTimersByTimeAsync(400);
		expect(given.map(isWiped)).toEqual([true, false]);
		await vi.advanceTimersByTimeAsync(600);
		expect(given.map(isWiped)).toEqual([true, true]);
		expect(vi.getTimerCount()).toBe(0);
		expect(await unwrap("1")).toEqual(filled(1));
		expect(calls).toEqual(["1", "2", "1"]);
	});

	it("does not give out what expired while the timer was late", async () => {
		const { provider, calls, given } = fake();
		const unwrap = unwrapOf(cachingProvider(provider, { lifetimeMs: 1000 }));
		const now = vi.spyOn(performance, "now").mockReturnValue(0);
		await unwrap("1");
		now.mockReturnValue(1000);
		await unwrap("1");
		expect(calls).toEqual(["1", "1"]);
		expect(isWiped(given[0]!)).toBe(true);
		now.mockRestore();
	});

	it("keeps no more than it may; what was not used for longest goes, overwritten", async () => {
		const { provider, calls, given } = fake();
		const unwrap = unwrapOf(cachingProvider(provider, { maxEntries: 2 }));
		for (const enc of ["1", "2", "1", "3"]) await unwrap(enc);
		expect(given.map(isWiped)).toEqual([false, true, false]);
		expect(await unwrap("1")).toEqual(filled(1));
		expect(calls).toEqual(["1", "2", "3"]);
	});

	it("never gives a wiped part to one who waited, however small it is", async () => {
		const held = fake();
		const unwrap = unwrapOf(cachingProvider(held.provider, { maxEntries: 1 }));
		held.hold();
		const all = ["1", "2", "1", "3", "2"].map((enc) => unwrap(enc));
		await vi.advanceTimersByTimeAsync(0);
		held.release();
		expect((await Promise.all(all)).map((part) => part[31])).toEqual([1, 2, 1, 3, 2]);
		expect(held.calls).toEqual(["1", "2", "3"]);
	});

	it("close() overwrites everything, keeps nothing more, and closes the other provider", async () => {
		const held = fake();
		const cached = cachingProvider(held.provider);
		const unwrap = unwrapOf(cached);
		await unwrap("1");
		held.hold();
		const late = unwrap("2");
		await vi.advanceTimersByTimeAsync(0);
		await cached.close!();
		await cached.close!();
		expect([held.closes(), isWiped(held.given[0]!)]).toEqual([2, true]);
		held.release();
		expect(await late).toEqual(filled(2));
		expect(held.given.map(isWiped)).toEqual([true, true]);
		expect(vi.getTimerCount()).toBe(0);
		await unwrap("1");
		expect(held.calls).toEqual(["1", "2", "1"]);
	});

	it("one who aborts leaves the others; the call ends when all have left", async () => {
		const held = fake();
		const unwrap = unwrapOf(cachingProvider(held.provider));
		held.hold();
		const [one, two, three] = [new AbortController(), new AbortController(), new AbortController()];
		const first = unwrap("1", one.signal);
		const second = unwrap("1", two.signal);
		await vi.advanceTimersByTimeAsync(0);
		one.abort();
		expect((await failure(first)).outcome).toBe("aborted");
		expect(held.signals[0]!.aborted).toBe(false);
		two.abort();
		expect((await failure(second)).outcome).toBe("aborted");
		expect(held.signals[0]!.aborted).toBe(true);
		// One who comes now is not drawn into the end of the others.
		const third = unwrap("1", three.signal);
		await vi.advanceTimersByTimeAsync(0);
		held.release();
		expect(await third).toEqual(filled(1));
		expect(held.calls).toEqual(["1", "1"]);
		// What nobody waited for is overwritten.
		expect(held.given.map(isWiped)).toEqual([true, false]);
		three.abort();
		expect((await failure(unwrap("1", three.signal))).outcome).toBe("aborted");
	});

	it("unwrapAny() shares memory with unwrap(), and names each caller's own entry", async () => {
		const held = fake({ any: true });
		const cached = cachingProvider(held.provider);
		held.hold();
		const lists = [
			[entry("foreign"), entry("5")],
			[entry("foreign"), entry("5")],
		] as const;
		const both = lists.map((list) => cached.unwrapAny!(list, {}));
		for (let i = 0; i < 3; i++) {
			await vi.advanceTimersByTimeAsync(0);
			held.release();
		}
		for (const [index, result] of (await Promise.all(both)).entries()) {
			expect(result).toEqual({ part: filled(5), entry: lists[index]![1] });
			expect("entry" in result && result.entry).toBe(lists[index]![1]);
		}
		expect(await unwrapOf(cached)("5")).toEqual(filled(5));
		const later = entry("5");
		expect(await cached.unwrapAny!([entry("9"), later], {})).toEqual({ part: filled(5), entry: later });
		expect(held.calls).toEqual(["foreign", "5"]);
		const failures = [entry("foreign"), entry("broken")];
		const result = await cached.unwrapAny!(failures, {});
		expect(result).toEqual({
			failures: [
				{ entry: failures[0], outcome: "not-mine", hint: "somebody else's" },
				{ entry: failures[1], outcome: "damaged", hint: "cut" },
			],
		});
	});

	it("refuses a provider that answers for an entry that nobody asked for", async () => {
		const { provider } = fake({ any: true });
		const odd: KeyProvider = {
			...provider,
			unwrapAny: async () => ({ part: filled(1), entry: entry("1") }),
		};
		expect((await failure(cachingProvider(odd).unwrapAny!([entry("1")], {}))).outcome).toBe("failed");
	});

	it("passes on the rest, and adds nothing that was not there", async () => {
		const { provider } = fake();
		const cached = cachingProvider(provider);
		expect(cached.name).toBe("fake");
		expect(cached.unwrapAny).toBeUndefined();
		expect(cached.masterKey({ ...ref, type: "other" })).toBeUndefined();
		expect(await cached.masterKey(ref)!.wrap!(filled(3), {})).toBe("3");
		expect(cached.masterKey(ref)!.resolve).toBeUndefined();
		const onlyWraps: KeyProvider = { name: "w", masterKey: (of) => ({ ref: of, wrap: async () => "x" }) };
		expect(cachingProvider(onlyWraps).masterKey(ref)!.unwrap).toBeUndefined();
	});

	it("shows nothing of what it holds, and keeps no process alive", async () => {
		const timers = vi.spyOn(globalThis, "setTimeout");
		const { provider } = fake();
		const cached = cachingProvider(provider);
		await unwrapOf(cached)("65");
		expect(inspect(cached, { showHidden: true, depth: Infinity })).not.toMatch(/65, 65|Uint8Array/);
		const [timer] = timers.mock.results.map(({ value }) => value as NodeJS.Timeout);
		expect(timer!.hasRef()).toBe(false);
		await cached.close!();
	});

	it("refuses wrong bounds and unknown options", () => {
		const { provider } = fake();
		for (const options of [
			{ maxEntries: 0 },
			{ lifetimeMs: 0.5 },
			{ lifetimeMs: 2 ** 31 },
			{ lifetime: 5 },
			null,
		]) {
			expect(() => cachingProvider(provider, options as never)).toThrow(UsageError);
		}
		expect(() => cachingProvider({} as never)).toThrow("takes a key provider");
	});
});
