import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { connect } from "node:net";
import { KeyError, type KeyProvider, type MasterKey, type UnwrapAnyResult } from "@sopskit/core";
import type { ClauseName } from "../src/index.ts";
import { abortable } from "./memory-provider.ts";

/** A provider with one fault. `fails` names every clause that must notice it, and no other may. */
export interface BrokenProvider {
	readonly fault: string;
	readonly fails: readonly ClauseName[];
	/** @param secret - the key of the provider, a canary */
	readonly breakIt: (good: KeyProvider, secret: string) => KeyProvider;
}

type Wrap = NonNullable<MasterKey["wrap"]>;
type Unwrap = NonNullable<MasterKey["unwrap"]>;

const withKey =
	(change: (key: MasterKey & { wrap: Wrap; unwrap: Unwrap }, secret: string) => Partial<MasterKey>) =>
	(good: KeyProvider, secret: string): KeyProvider => {
		const { unwrapAny: _, ...rest } = good;
		return {
			...rest,
			masterKey(ref) {
				const key = good.masterKey(ref);
				return key && { ...key, ...change(key as Required<MasterKey>, secret) };
			},
		};
	};

const withAny =
	(unwrapAny: (good: Required<KeyProvider>) => NonNullable<KeyProvider["unwrapAny"]>) =>
	(good: KeyProvider): KeyProvider => ({ ...good, unwrapAny: unwrapAny(good as Required<KeyProvider>) });

const withLookup =
	(before: (ref: Parameters<KeyProvider["masterKey"]>[0]) => void) =>
	(good: KeyProvider): KeyProvider => ({
		...good,
		masterKey(ref) {
			before(ref);
			return good.masterKey(ref);
		},
	});

const failing = (thrown: (secret: string, part: Uint8Array) => unknown) =>
	withKey(({ unwrap }, secret) => {
		let last: Uint8Array = new Uint8Array(32);
		return {
			async unwrap(enc, call) {
				try {
					const result = await unwrap(enc, call);
					if (result instanceof Uint8Array) last = result.slice();
					return result;
				} catch (error) {
					if ((error as KeyError).outcome === "aborted") throw error;
					throw thrown(secret, last);
				}
			},
		};
	});

const damaged = (properties: object): KeyError =>
	Object.assign(new KeyError("damaged", "damaged"), properties);

const earlyEnvironment = process.env;

export const BROKEN: readonly BrokenProvider[] = [
	{
		fault: "reads a variable",
		fails: ["no-environment"],
		breakIt: withKey(({ wrap }) => ({
			wrap(part, call) {
				void process.env.MEMORY_ENDPOINT;
				return wrap(part, call);
			},
		})),
	},
	{
		fault: "copies the whole environment",
		fails: ["no-environment"],
		breakIt: withKey(({ wrap }) => ({
			wrap(part, call) {
				void { ...process.env };
				return wrap(part, call);
			},
		})),
	},
	{
		fault: "asks whether a variable is set",
		fails: ["no-environment"],
		breakIt: withKey(({ wrap }) => ({
			wrap: (part, call) => ("MEMORY_ENDPOINT" in process.env ? wrap(part, call) : wrap(part, call)),
		})),
	},
	{
		fault: "acts on a variable through an environment it kept from before",
		fails: ["no-environment"],
		breakIt: withKey(({ unwrap }) => ({
			async unwrap(enc, call) {
				if (earlyEnvironment.MEMORY_SECRET !== undefined) return new Uint8Array(32);
				return unwrap(enc, call);
			},
		})),
	},
	{
		fault: "reads a file in masterKey()",
		fails: ["master-key-lookup"],
		breakIt: withLookup(() => void readFileSync(import.meta.filename)),
	},
	{
		fault: "begins to read a file in masterKey()",
		fails: ["master-key-lookup"],
		breakIt: withLookup(() => void readFile(import.meta.filename)),
	},
	{
		fault: "opens a connection a moment after masterKey()",
		fails: ["master-key-lookup"],
		breakIt: withLookup(
			() => void Promise.resolve().then(() => connect(1, "127.0.0.1").on("error", () => {})),
		),
	},
	{
		fault: "runs a program in masterKey()",
		// It starts with a copy of the environment.
		fails: ["no-environment", "master-key-lookup"],
		breakIt: withLookup(({ id }) => {
			if (id === "mine") execFileSync(process.execPath, ["--version"]);
		}),
	},
	{
		fault: "throws in masterKey() for a malformed ref",
		fails: ["master-key-lookup"],
		breakIt: withLookup(({ type, fields }) => {
			if (type === "memory" && !/^\w+$/.test(String(fields?.name))) throw new TypeError("malformed");
		}),
	},
	{
		fault: "has an asynchronous masterKey()",
		fails: ["master-key-lookup"],
		breakIt: (good) => ({
			...good,
			masterKey(ref) {
				const key = good.masterKey(ref);
				// Still works as a key, so that only the look-up is wrong.
				return key && (Object.assign(Promise.resolve(key), key) as never);
			},
		}),
	},
	{
		fault: "gives a key with another ref",
		fails: ["master-key-lookup"],
		breakIt: withKey(({ ref }) => ({ ref: { ...ref, id: ref.id.toUpperCase() } })),
	},
	{
		fault: "answers for every type",
		fails: ["foreign-type"],
		breakIt: (good) => ({ ...good, masterKey: (ref) => good.masterKey({ ...ref, type: "memory" }) }),
	},
	{
		fault: "throws for a foreign type",
		fails: ["foreign-type"],
		breakIt: withLookup(({ type }) => {
			if (type !== "memory") throw new TypeError("foreign");
		}),
	},
	{
		fault: "takes 32 bytes only",
		fails: ["round-trip", "concurrency"],
		breakIt: withKey(({ wrap }) => ({
			async wrap(part, call) {
				if (part.length !== 32) throw new KeyError("failed", "the length must be 32");
				return wrap(part, call);
			},
		})),
	},
	{
		fault: "pads what it unwraps to 32 bytes",
		fails: ["round-trip"],
		breakIt: withKey(({ unwrap }) => ({
			async unwrap(enc, call) {
				const part = await unwrap(enc, call);
				if (!(part instanceof Uint8Array) || part.length >= 32) return part;
				return Uint8Array.from({ length: 32 }, (_, index) => part[index] ?? 0);
			},
		})),
	},
	{
		fault: "wraps the whole buffer beneath a view",
		fails: ["round-trip", "input-part"],
		breakIt: withKey(({ wrap }) => ({ wrap: (part, call) => wrap(new Uint8Array(part.buffer), call) })),
	},
	{
		fault: "gives an object for the enc of a single byte",
		fails: ["round-trip"],
		breakIt: withKey(({ wrap, unwrap }) => ({
			async wrap(part, call) {
				const enc = await wrap(part, call);
				return part.length === 1 ? (Object(enc) as string) : enc;
			},
			unwrap: (enc, call) => unwrap(String(enc), call),
		})),
	},
	{
		fault: "is deterministic",
		fails: ["fresh-randomness"],
		breakIt: (() => {
			const seen = new Map<string, Promise<string>>();
			return withKey(({ ref, wrap }, secret) => ({
				wrap(part, call) {
					if (call.signal !== undefined) return wrap(part, call);
					const name = `${secret}${ref.id}${part.join()}`;
					if (!seen.has(name)) seen.set(name, wrap(part, call));
					return seen.get(name)!;
				},
			}));
		})(),
	},
	{
		fault: "reads only what it wrote itself",
		fails: ["real-entry"],
		breakIt: withKey(({ wrap, unwrap }) => ({
			wrap: async (part, call) => (await wrap(part, call)).replace("memory:", "memory2:"),
			unwrap: (enc, call) => unwrap(enc.replace("memory:", "x").replace("memory2:", "memory:"), call),
		})),
	},
	{
		fault: "throws for a key of somebody else",
		fails: ["not-mine"],
		breakIt: withKey(({ unwrap }) => ({
			async unwrap(enc, call) {
				const result = await unwrap(enc, call);
				if (result instanceof Uint8Array) return result;
				throw new KeyError("wrong-key", result.notMine);
			},
		})),
	},
	{
		fault: "gives no reason for not mine",
		fails: ["not-mine"],
		breakIt: withKey(({ unwrap }) => ({
			async unwrap(enc, call) {
				const result = await unwrap(enc, call);
				return result instanceof Uint8Array ? result : { notMine: " " };
			},
		})),
	},
	{
		fault: "answers not mine for what another key wrapped",
		fails: ["wrong-key", "damaged-enc"],
		breakIt: withKey(({ unwrap }) => ({
			async unwrap(enc, call) {
				try {
					return await unwrap(enc, call);
				} catch (error) {
					if ((error as KeyError).outcome !== "wrong-key") throw error;
					return { notMine: "some other key" };
				}
			},
		})),
	},
	{
		fault: "gives wrong bytes for what another key wrapped",
		fails: ["wrong-key", "damaged-enc"],
		breakIt: withKey(({ unwrap }) => ({
			async unwrap(enc, call) {
				try {
					return await unwrap(enc, call);
				} catch (error) {
					if ((error as KeyError).outcome !== "wrong-key") throw error;
					return new Uint8Array(32);
				}
			},
		})),
	},
	{
		fault: "throws plain errors for a damaged enc",
		fails: ["damaged-enc"],
		breakIt: withKey(({ unwrap }) => ({
			async unwrap(enc, call) {
				try {
					return await unwrap(enc, call);
				} catch (error) {
					if ((error as KeyError).outcome !== "damaged") throw error;
					throw new Error("damaged");
				}
			},
		})),
	},
	{
		fault: "throws on the spot for an empty enc",
		fails: ["damaged-enc"],
		breakIt: withKey(({ unwrap }) => ({
			unwrap(enc, call) {
				if (enc === "") throw new KeyError("damaged", "empty");
				return unwrap(enc, call);
			},
		})),
	},
	{
		fault: "calls a damaged enc unreachable",
		fails: ["damaged-enc"],
		breakIt: withKey(({ unwrap }) => ({
			async unwrap(enc, call) {
				if (!enc.startsWith("memory:")) throw new KeyError("unreachable", "try again later");
				return unwrap(enc, call);
			},
		})),
	},
	{
		fault: "does not unwrap any more after a damaged enc",
		fails: ["damaged-enc"],
		breakIt: withKey(({ unwrap }) => {
			let count = 0;
			return {
				async unwrap(enc, call) {
					if (!enc.startsWith("memory:")) count += 1;
					if (count > 5 && enc.length === 127) throw new KeyError("failed", "out of order");
					return unwrap(enc, call);
				},
			};
		}),
	},
	{
		fault: "ignores the signal",
		fails: ["abort-before", "abort-during"],
		breakIt: withKey(({ wrap, unwrap }) => ({
			wrap: (part) => wrap(part, {}),
			unwrap: (enc) => unwrap(enc, {}),
		})),
	},
	{
		fault: "ignores the signal in unwrapAny()",
		fails: ["abort-before", "abort-during"],
		breakIt: withAny((good) => (entries) => good.unwrapAny(entries, {})),
	},
	{
		fault: "throws the reason of the signal",
		fails: ["abort-before"],
		breakIt: withKey(({ unwrap }) => ({
			async unwrap(enc, call) {
				call.signal?.throwIfAborted();
				return unwrap(enc, call);
			},
		})),
	},
	{
		fault: "looks at the signal only before it begins",
		fails: ["abort-during"],
		breakIt: withKey(({ unwrap }) => ({
			unwrap: async (enc, call) => {
				if (call.signal?.aborted) throw new KeyError("aborted", "aborted");
				return unwrap(enc, {});
			},
		})),
	},
	{
		fault: "keeps the enc of the last call for all",
		fails: ["concurrency"],
		breakIt: withKey(({ unwrap }) => {
			let last = "";
			return {
				async unwrap(enc, call) {
					last = enc;
					await Promise.resolve();
					return unwrap(last, call);
				},
			};
		}),
	},
	{
		fault: "refuses more than four calls at once",
		fails: ["concurrency"],
		breakIt: withKey(({ unwrap }) => {
			let running = 0;
			return {
				async unwrap(enc, call) {
					running += 1;
					try {
						if (running > 4) throw new KeyError("throttled", "too many");
						await Promise.resolve();
						return await unwrap(enc, call);
					} finally {
						running -= 1;
					}
				},
			};
		}),
	},
	{
		fault: "gives the same array again",
		fails: ["fresh-part"],
		breakIt: withKey(({ unwrap }) => {
			const seen = new Map<string, ReturnType<Unwrap>>();
			return {
				unwrap(enc, call) {
					if (call.signal !== undefined) return unwrap(enc, call);
					if (!seen.has(enc)) seen.set(enc, unwrap(enc, call));
					return seen.get(enc)!;
				},
			};
		}),
	},
	{
		fault: "overwrites the part it wrapped",
		fails: ["input-part", "round-trip"],
		breakIt: (good) => ({
			...good,
			masterKey(ref) {
				const key = good.masterKey(ref);
				return (
					key && {
						...key,
						async wrap(part, call) {
							const enc = await key.wrap!(part, call);
							part.fill(0);
							return enc;
						},
					}
				);
			},
		}),
	},
	{
		fault: "keeps the part and encrypts it later",
		fails: ["input-part"],
		breakIt: (() => {
			const kept = new Map<string, Uint8Array>();
			return withKey(({ wrap, unwrap }) => ({
				async wrap(part, call) {
					const enc = await wrap(part, call);
					kept.set(enc, part);
					return enc;
				},
				async unwrap(enc, call) {
					const result = await unwrap(enc, call);
					return result instanceof Uint8Array ? (kept.get(enc)?.slice() ?? result) : result;
				},
			}));
		})(),
	},
	...(
		[
			["puts the key into a message", (secret) => new KeyError("damaged", `the key ${secret} does not fit`)],
			["keeps the foreign error as cause", (secret) => damaged({ cause: new Error(`key ${secret}`) })],
			["keeps the request", (secret) => damaged({ config: { headers: new Map([["token", secret]]) } })],
			[
				"hides the key in a property that is not enumerable",
				(secret) => Object.defineProperty(damaged({}), "hidden", { value: { secret } }),
			],
			["hides the key behind a symbol", (secret) => damaged({ [Symbol("key")]: [secret] })],
			[
				"hides the key in a getter",
				(secret) => Object.defineProperty(damaged({}), "key", { get: () => secret }),
			],
			["keeps the part in bytes", (_, part) => damaged({ part: Buffer.from(part) })],
			[
				"puts the part into a message",
				(_, part) => new KeyError("damaged", Buffer.from(part).toString("base64")),
			],
			["lists the bytes of the part", (_, part) => damaged({ bytes: JSON.stringify([...part]) })],
		] as const satisfies readonly (readonly [string, (secret: string, part: Uint8Array) => unknown])[]
	).map(
		([fault, thrown]): BrokenProvider => ({
			fault,
			fails: ["no-secret-in-errors"],
			breakIt: failing(thrown as (secret: string, part: Uint8Array) => unknown),
		}),
	),
	{
		fault: "keeps the request of an aborted wrap",
		fails: ["no-secret-in-errors"],
		breakIt: withKey(({ wrap }) => ({
			async wrap(part, call) {
				const body = Buffer.from(part).toString("hex");
				if (call.signal?.aborted)
					throw Object.assign(new KeyError("aborted", "aborted"), { request: { body } });
				return wrap(part, call);
			},
		})),
	},
	{
		fault: "puts the key into the reason of not mine",
		fails: ["no-secret-in-errors"],
		breakIt: withKey(({ unwrap }, secret) => ({
			async unwrap(enc, call) {
				const result = await unwrap(enc, call);
				return result instanceof Uint8Array ? result : { notMine: `only ${secret} was tried` };
			},
		})),
	},
	{
		fault: "offers only the first entry in unwrapAny()",
		fails: ["unwrap-any"],
		breakIt: withAny((good) => (entries, call) => good.unwrapAny(entries.slice(0, 1), call)),
	},
	{
		fault: "throws in unwrapAny() for a damaged entry",
		fails: ["unwrap-any"],
		breakIt: withAny(
			(good) => (entries, call) =>
				abortable(call, async () => {
					for (const entry of entries) {
						const part = await good.masterKey(entry.ref)!.unwrap!(entry.enc, call);
						if (part instanceof Uint8Array) return { part, entry };
					}
					return good.unwrapAny(entries, call);
				}),
		),
	},
	{
		fault: "reports one failure for all entries",
		fails: ["unwrap-any"],
		breakIt: withAny((good) => async (entries, call) => {
			const result = await good.unwrapAny(entries, call);
			return "part" in result ? result : { failures: result.failures.slice(0, 1) };
		}),
	},
	{
		fault: "reports other outcomes than unwrap()",
		fails: ["unwrap-any"],
		breakIt: withAny((good) => async (entries, call): Promise<UnwrapAnyResult> => {
			const result = await good.unwrapAny(entries, call);
			if ("part" in result) return result;
			return { failures: result.failures.map((failure) => ({ ...failure, outcome: "not-mine" })) };
		}),
	},
	{
		fault: "names the wrong entry in unwrapAny()",
		fails: ["unwrap-any"],
		breakIt: withAny((good) => async (entries, call) => {
			const result = await good.unwrapAny(entries, call);
			return "part" in result ? { ...result, entry: entries[0]! } : result;
		}),
	},
	{
		fault: "cannot be closed twice",
		fails: ["close"],
		breakIt: (good) => {
			let open = true;
			return {
				...good,
				async close() {
					if (!open) throw new Error("already closed");
					open = false;
				},
			};
		},
	},
	{
		fault: "cannot be closed unused",
		fails: ["close"],
		breakIt: (good) => {
			let used = false;
			return {
				...good,
				masterKey(ref) {
					used = true;
					return good.masterKey(ref);
				},
				async close() {
					if (!used) throw new Error("nothing to close");
				},
			};
		},
	},
];
