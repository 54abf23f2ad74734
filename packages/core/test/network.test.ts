import { describe, expect, it } from "vitest";
import { authoritiesFrom, isExcepted, isProxy, proxyFrom } from "../src/network.ts";

describe("NO_PROXY", () => {
	it.each([
		["example.com", "example.com", 443, true],
		["example.com", "a.b.example.com", 443, true],
		["EXAMPLE.com", "Example.COM", 443, true],
		["example.com", "notexample.com", 443, false],
		[".example.com", "example.com", 443, false],
		[".example.com", "a.example.com", 443, true],
		["*.example.com", "example.com", 443, false],
		["*.example.com", "a.example.com", 443, true],
		["example.com:8443", "example.com", 443, false],
		["example.com:8443", "example.com", 8443, true],
		["*", "anything", 443, true],
		["", "anything", 443, false],
		[":443", "anything", 443, false],
		["10.0.0.0/8", "10.1.2.3", 443, true],
		["10.0.0.0/8", "11.1.2.3", 443, false],
		["10.0.0.0/8", "ten.example.com", 443, false],
		["10.0.0.0/99", "10.1.2.3", 443, false],
		["10.1.2.3:443", "10.1.2.3", 443, true],
		["10.1.2.3:80", "10.1.2.3", 443, false],
		["fd00::/8", "[fd12::1]", 443, true],
		["[fd12::1]:443", "[fd12:0::1]", 443, true],
		["fd12::1", "[fd12::2]", 443, false],
		["3.4", "1.2.3.4", 443, false],
		["", "localhost", 443, true],
		["", "127.8.0.1", 443, true],
		["", "[::1]", 443, true],
	])("%j, asked for %s at %i: passes the proxy by, %j", (entry, host, port, expected) => {
		expect(isExcepted(host, port, ["other.org", entry])).toBe(expected);
	});
});

describe("HTTPS_PROXY", () => {
	it("is a URL, or a host with a port; in capitals first", () => {
		const except = [""];
		expect(proxyFrom({ HTTPS_PROXY: "proxy:3128", https_proxy: "other:1" })).toEqual({
			url: "http://proxy:3128",
			except,
		});
		expect(proxyFrom({ HTTPS_PROXY: "", https_proxy: "https://u:p@proxy" })).toEqual({
			url: "https://u:p@proxy",
			except,
		});
		expect(proxyFrom({ https_proxy: "http://p", no_proxy: "a, b" })).toEqual({
			url: "http://p",
			except: ["a", " b"],
		});
		expect(proxyFrom({ HTTP_PROXY: "http://p", NO_PROXY: "*" })).toBeUndefined();
		expect([proxyFrom({ HTTPS_PROXY: "socks5://p" }), proxyFrom({ HTTPS_PROXY: "a b" })]).toEqual([
			"unusable",
			"unusable",
		]);
	});

	it("as an option is a URL or an object, and nothing else", () => {
		expect(["http://p", { url: "http://p" }, { url: "http://p", except: ["a"] }].map(isProxy)).toEqual(
			Array(3).fill(undefined),
		);
		for (const value of [
			"p",
			"ftp://p",
			"http://u:50%@p",
			null,
			1,
			{ url: "http://p", except: "a" },
			{ except: [] },
		])
			expect(isProxy(value)).toContain("the URL of a proxy");
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
