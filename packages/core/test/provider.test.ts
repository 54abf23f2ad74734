import { getEventListeners } from "node:events";
import { describe, expect, it } from "vitest";
import { KeyError } from "../src/index.ts";
import * as provider from "../src/provider.ts";

const { base64Bytes, base64Text, checkOptions, isText, limited, requirePermission } = provider;
const { isProxy, proxiesFrom, proxiesOf, proxyFor } = provider;

it("has these names", () => {
	expect(Object.keys(provider).sort()).toEqual([
		...["base64Bytes", "base64Text", "checkOptions", "isBoolean", "isObject", "isProxy", "isSize", "isText"],
		...["limited", "proxiesFrom", "proxiesOf", "proxyFor", "requirePermission"],
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

it("an unknown option is named only where it can be a name", () => {
	const check = (name: string) => (): void => checkOptions("f()", { [name]: 1 }, { known: isText });
	expect(check("knwon")).toThrow('f() does not know the option "knwon". It knows: known.');
	expect(check("a secret of words")).toThrow(
		"f() does not know an option that it was given. It knows: known.",
	);
});

describe("a proxy", () => {
	const urls = [
		...["https://a.example.com:8200", "https://example.com", "http://a.example.com", "https://10.1.2.3:8200"],
		...["https://[fd00::1]:8200", "https://localhost:1", "https://127.9.0.1", "https://[::1]:3"],
	];

	// The answers of golang.org/x/net/http/httpproxy v0.57.0, which the reference has: which are asked directly.
	it.each([
		["", ""],
		["*", "01234"],
		["example.com", "012"],
		["EXAMPLE.com ", "012"],
		[".example.com", "02"],
		["*.example.com", "02"],
		["a.example.com:8200", "0"],
		["example.com:443", "1"],
		["10.0.0.0/8", "3"],
		["10.1.2.3", "3"],
		["10.1.2.3:8200", "3"],
		["10.1.2.3:1", ""],
		["10.0.0.0/99", ""],
		["fd00::/16", "4"],
		["fd00:0::1", "4"],
		["[fd00::1]:8200", "4"],
		["[fd00::1]:1", ""],
		[":8200", ""],
		["xample.com", ""],
		["a.example.com.", ""],
		[", ,x, a.example.com", "02"],
	])("is not asked for what NO_PROXY names: %j", (list, direct) => {
		const proxies = proxiesFrom({ HTTPS_PROXY: "http://p:1", http_proxy: "p:2", no_proxy: list })!;
		const found = urls.map((url) => proxyFor(new URL(url), proxies)?.url);
		// The machine itself is never asked through a proxy.
		const expected = urls.map((url, i) =>
			`${direct}567`.includes(String(i)) ? undefined : url.startsWith("https:") ? "http://p:1" : "http://p:2",
		);
		expect(found).toEqual(expected);
	});

	it("that was named in code is asked for all but the exceptions", () => {
		expect(urls.map((url) => proxyFor(new URL(url), proxiesOf("http://p:1")))).toEqual(
			Array(urls.length).fill({ url: "http://p:1", headers: {} }),
		);
		// Libraries print the URL of a proxy, so it holds no password.
		expect(proxyFor(new URL("http://a"), proxiesOf("https://us%40er:p%zz@p:1/x"))).toEqual({
			url: "https://p:1",
			headers: { "proxy-authorization": `Basic ${btoa("us@er:p%zz")}` },
		});
		const proxies = proxiesOf({ url: "https://p", except: ["localhost"] });
		expect(proxyFor(new URL("http://localhost:1"), proxies)).toBeUndefined();
	});

	it("that is none is no way around it", () => {
		expect(proxiesFrom({ NO_PROXY: "*", HTTPS_PROXY: "" })).toBeUndefined();
		for (const HTTPS_PROXY of ["socks5://p:1", "http://", "http://p:x"]) {
			const ask = () => proxyFor(new URL("https://a.example"), proxiesFrom({ HTTPS_PROXY })!);
			expect(ask).toThrow(expect.objectContaining({ outcome: "misconfigured" }));
			expect(isProxy(HTTPS_PROXY)).toBe("the URL of a proxy, or { url, except }");
		}
		expect([isProxy({ url: "http://p", except: ["x"] }), isProxy("http://u:p@p:1")]).toEqual([
			undefined,
			undefined,
		]);
		expect([isProxy({ url: "http://p", except: "x" }), isProxy(null)]).not.toContain(undefined);
	});
});
