import { getEventListeners } from "node:events";
import { describe, expect, it } from "vitest";
import {
	decryptDocument,
	encryptDocument,
	isSopsError,
	KeyError,
	type KeyProvider,
	type MasterKey,
} from "../src/index.ts";
import * as provider from "../src/provider.ts";

const { base64Bytes, base64Text, checkOptions, isText, limited, requirePermission } = provider;

it("has these names", () => {
	expect(Object.keys(provider).sort()).toEqual([
		...["base64Bytes", "base64Text", "checkOptions", "isBoolean", "isObject", "isSize", "isText", "limited"],
		"requirePermission",
	]);
});

describe("a limited call", () => {
	/** Work that ends when its own signal aborts, or when it is told to. */
	function work() {
		let end: (value: Uint8Array) => void = () => {};
		let own: AbortSignal | undefined;
		const promise = new Promise<Uint8Array>((resolve) => {
			end = resolve;
		});
		const run = (signal: AbortSignal): Promise<Uint8Array> => {
			own = signal;
			return promise;
		};
		return { run, end, signal: () => own };
	}

	it("gives what the work gives, or throws what it throws, and leaves the caller's signal alone", async () => {
		const { signal } = new AbortController();
		expect(await limited({ signal }, 1000, async () => "done")).toBe("done");
		const error = new KeyError("denied", "no");
		await expect(limited({ signal }, 1000, () => Promise.reject(error))).rejects.toBe(error);
		expect(getEventListeners(signal, "abort")).toEqual([]);
	});

	it("ends with the caller's signal, at once; the work gets a signal too, and a late part is overwritten", async () => {
		const controller = new AbortController();
		const { run, end, signal } = work();
		const call = limited({ signal: controller.signal }, 60_000, run);
		expect(signal()!.aborted).toBe(false);
		controller.abort(new Error("the caller's own reason"));
		await expect(call).rejects.toMatchObject({ outcome: "aborted", message: "aborted by the caller" });
		expect(signal()!.aborted).toBe(true);
		expect(getEventListeners(controller.signal, "abort")).toEqual([]);
		const late = new Uint8Array([1, 2, 3]);
		end(late);
		await new Promise((resolve) => setImmediate(resolve));
		expect([...late]).toEqual([0, 0, 0]);
	});

	it("does not begin with a signal that has aborted", async () => {
		let begun = false;
		const call = limited({ signal: AbortSignal.abort() }, 1000, async () => {
			begun = true;
		});
		await expect(call).rejects.toMatchObject({ outcome: "aborted" });
		expect(begun).toBe(false);
	});

	it("ends with its time", async () => {
		const { run, signal } = work();
		await expect(limited({}, 5, run)).rejects.toMatchObject({ outcome: "timeout" });
		expect(signal()!.aborted).toBe(true);
	});
});

describe("a rule about refs", () => {
	const ref = { type: "x", id: "1", fields: {} };

	it("allows by true alone", async () => {
		for (const yes of [() => true, async () => true]) {
			expect(await requirePermission(yes, ref, "hint")).toBeUndefined();
		}
		for (const no of [() => false, async () => false, () => "yes", () => 1, () => undefined, () => ({})]) {
			const asked = requirePermission(no as never, ref, "what to do");
			await expect(asked).rejects.toMatchObject({ outcome: "refused", message: "what to do" });
		}
	});

	it("that throws says no, and its error is not shown", async () => {
		const rule = (): never => {
			throw new Error("secret");
		};
		const error = await requirePermission(rule, ref, "hint").catch((thrown: Error) => thrown);
		expect(error).toMatchObject({ outcome: "refused" });
		expect(String(error)).not.toContain("secret");
	});
});

describe("base64", () => {
	it("is standard, padded, and may have line feeds, as Go's decoder takes it", () => {
		expect(base64Bytes("AP/+")).toEqual(new Uint8Array([0, 255, 254]));
		expect(base64Bytes("AP8=\n")).toEqual(new Uint8Array([0, 255]));
		expect(base64Bytes("AP\r\n8=")).toEqual(new Uint8Array([0, 255]));
		for (const wrong of ["", "\n", "AP8", "AP8==", "A===", "AP-_", "AP8= ", " AP8=", "AP8=AP8=", "ÄÄÄÄ"]) {
			expect(base64Bytes(wrong)).toBeUndefined();
		}
	});

	it("goes both ways", () => {
		for (const length of [1, 2, 3, 32, 33, 255]) {
			const bytes = Uint8Array.from({ length }, (_, index) => (index * 7 + 250) % 256);
			expect(base64Text(bytes)).toBe(Buffer.from(bytes).toString("base64"));
			expect(base64Bytes(base64Text(bytes))).toEqual(bytes);
		}
	});
});

describe("a provider that does not keep to the contract is told so", () => {
	const ours = (key: Partial<MasterKey>): KeyProvider => ({
		name: "corp",
		masterKey: (ref) => ({ ref, ...key }),
	});
	it.each<[string, KeyProvider, string]>([
		[
			"an asynchronous masterKey()",
			{ name: "corp", masterKey: (async () => undefined) as never },
			"masterKey() gave a promise",
		],
		["a text", ours({ unwrap: (async () => "hunter2") as never }), "unwrap() gave neither a Uint8Array nor"],
		["nothing", ours({ unwrap: (async () => undefined) as never }), "unwrap() gave neither a Uint8Array nor"],
	])("%s", async (_, provider, hint) => {
		const { text } = await encryptDocument("a: 1\n", {
			format: "yaml",
			keyGroups: [[{ ref: { type: "age", id: "x", fields: { recipient: "x" } }, wrap: async () => "y" }]],
		});
		const thrown: unknown = await decryptDocument(text, { format: "yaml", providers: [provider] }).catch(
			(error: unknown) => error,
		);
		if (!isSopsError(thrown, "data-key-unavailable")) throw thrown;
		expect(thrown.details.attempts).toMatchObject([{ outcome: "failed", provider: "corp" }]);
		expect(thrown.message).toContain(hint);
		expect(thrown.message).not.toContain("hunter2");
	});
});

it("an unknown option is named only where it can be a name", () => {
	const check = (name: string) => (): void => checkOptions("f()", { [name]: 1 }, { known: isText });
	expect(check("knwon")).toThrow('f() does not know the option "knwon". It knows: known.');
	expect(check("a secret of words")).toThrow(
		"f() does not know an option that it was given. It knows: known.",
	);
});
