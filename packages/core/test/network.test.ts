import { describe, expect, it } from "vitest";
import { proxyHeaders } from "../src/network/proxy.ts";
import { authoritiesFrom, isProxy, proxiesFrom, proxiesOf, proxyFor } from "../src/network.ts";

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
			Array(urls.length).fill({ url: "http://p:1" }),
		);
		// Libraries print the URL of a proxy, so it holds no password.
		const way = proxyFor(new URL("http://a"), proxiesOf("https://us%40er:p%C3%A9@p:1/x"))!;
		expect(way).toEqual({ url: "https://p:1", login: "us@er:pé" });
		expect(proxyHeaders(way)).toEqual({
			"proxy-authorization": `Basic ${Buffer.from("us@er:pé").toString("base64")}`,
		});
		const proxies = proxiesOf({ url: "https://p", except: ["localhost"] });
		expect(proxyFor(new URL("http://localhost:1"), proxies)).toBeUndefined();
	});

	it("that is none is no way around it", () => {
		expect(proxiesFrom({ NO_PROXY: "*", HTTPS_PROXY: "" })).toBeUndefined();
		for (const HTTPS_PROXY of ["socks5://p:1", "http://", "http://p:x", "http://u:50%@p"]) {
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

it("authorities are those that were passed, before the file of the environment", async () => {
	expect(await authoritiesFrom("pem", { SSL_CERT_FILE: import.meta.filename })()).toBe("pem");
	expect(await authoritiesFrom(new TextEncoder().encode("pem"), undefined)()).toBe("pem");
	expect(await authoritiesFrom(undefined, { SSL_CERT_FILE: import.meta.filename })()).toContain(
		"SSL_CERT_FILE",
	);
	expect(await authoritiesFrom(undefined, { SSL_CERT_FILE: "/nowhere/at/all" })()).toBeUndefined();
	expect(await authoritiesFrom(undefined, {})()).toBeUndefined();
});
