import type { Check } from "../options.ts";
import { KeyError } from "./contract.ts";
import { base64Text } from "./stored-base64.ts";

/** A proxy for requests, as a caller names it. */
export interface ProxySettings {
	/** Such as `http://proxy.example:3128`; user and password may stand in it. */
	readonly url: string;
	/** Hosts that are asked directly, in the forms of `NO_PROXY`. */
	readonly except?: readonly string[] | undefined;
}

/** Which proxy requests go through. */
export interface Proxies {
	/** For URLs that begin with `https:`, and with `http:`. */
	readonly https?: string | undefined;
	readonly http?: string | undefined;
	readonly except: readonly string[];
}

/** A proxy, with its user and password apart: libraries print the URL where DEBUG is set. */
export interface ProxyWay {
	readonly url: string;
	readonly headers: Readonly<Record<string, string>>;
}

/** Checks an option that is the URL of a proxy or {@link ProxySettings}. */
export const isProxy: Check = (value) => {
	const { url, except = [] } =
		typeof value === "string" ? { url: value } : ((value ?? {}) as Partial<ProxySettings>);
	const isList = Array.isArray(except) && except.every((one) => typeof one === "string");
	return isProxyUrl(url) && isList ? undefined : "the URL of a proxy, or { url, except }";
};

/** What a caller named: for all requests but those to the exceptions. */
export function proxiesOf(given: string | ProxySettings): Proxies {
	const { url, except = [] } = typeof given === "string" ? { url: given } : given;
	return { https: url, http: url, except };
}

/**
 * What variables name, in the way of programs written in Go (golang.org/x/net/http/httpproxy): `HTTPS_PROXY`,
 * `HTTP_PROXY` and `NO_PROXY`, or the same in lower case. The machine itself is never asked through a proxy.
 *
 * @returns undefined where they name none
 */
export function proxiesFrom(environment: Readonly<Record<string, string | undefined>>): Proxies | undefined {
	const one = (name: string): string => environment[name] || environment[name.toLowerCase()] || "";
	const [https, http] = [one("HTTPS_PROXY"), one("HTTP_PROXY")].map(withScheme);
	if (!https && !http) return undefined;
	return { https, http, except: [...one("NO_PROXY").split(","), "localhost", "127.0.0.0/8", "::1"] };
}

/**
 * The proxy for a request; undefined where it goes to the host itself.
 *
 * @throws KeyError `misconfigured` for a proxy that is none: a request does not go around it in silence
 */
export function proxyFor(url: URL, { https, http, except }: Proxies): ProxyWay | undefined {
	const proxy = url.protocol === "https:" ? https : http;
	if (!proxy || except.some((entry) => isNamedBy(url, entry))) return undefined;
	if (!isProxyUrl(proxy))
		throw new KeyError("misconfigured", "the proxy is not of the form http://proxy.example.com:3128");
	const { protocol, host, username, password } = new URL(proxy);
	const user = [username, password].map(decoded).join(":");
	return {
		url: `${protocol}//${host}`,
		headers:
			user === ":" ? {} : { "proxy-authorization": `Basic ${base64Text(new TextEncoder().encode(user))}` },
	};
}

function decoded(text: string): string {
	try {
		return decodeURIComponent(text);
	} catch {
		return text;
	}
}

function isProxyUrl(url: unknown): boolean {
	return typeof url === "string" && URL.canParse(url) && /^https?:$/.test(new URL(url).protocol);
}

function withScheme(text: string): string {
	return text === "" || text.includes("://") ? text : `http://${text}`;
}

/** `*`; a name, with those below it; `.name` or `*.name`, only those; an address or a range of them; each with a port. */
function isNamedBy({ hostname, port, protocol }: URL, entry: string): boolean {
	const text = entry.trim().toLowerCase();
	if (text === "*") return true;
	const host = hostname.replace(/^\[|\]$/g, "");
	const [range, prefix] = text.split("/");
	if (prefix !== undefined) return isInRange(host, range!, prefix);
	const [, bracketed, plain, wanted] = /^(?:\[([^\]]*)\]|([^:]*|.*:.*:.*?))(?::(\d+))?$/.exec(text) ?? [];
	const name = (bracketed ?? plain ?? "").replace(/^\*(?=\.)/, "");
	if (name === "" || (wanted !== undefined && wanted !== (port || (protocol === "https:" ? "443" : "80"))))
		return false;
	const address = bitsOf(name);
	if (address !== undefined) return address === bitsOf(host);
	return name.startsWith(".") ? host.endsWith(name) : host === name || host.endsWith(`.${name}`);
}

function isInRange(host: string, range: string, prefix: string): boolean {
	const [bits, wanted] = [bitsOf(host), bitsOf(range)];
	if (bits === undefined || wanted === undefined || !/^\d{1,3}$/.test(prefix)) return false;
	return bits.length === wanted.length && bits.startsWith(wanted.slice(0, Number(prefix)));
}

/** The bits of an address as text; undefined for a name. */
function bitsOf(host: string): string | undefined {
	const binary = (number: number, width: number): string => number.toString(2).padStart(width, "0");
	if (/^\d{1,3}(?:\.\d{1,3}){3}$/.test(host)) {
		return host
			.split(".")
			.map((byte) => binary(Number(byte), 8))
			.join("");
	}
	if (!host.includes(":") || !URL.canParse(`http://[${host}]`)) return undefined;
	const [before, after] = new URL(`http://[${host}]`).hostname.slice(1, -1).split("::");
	const [head, tail] = [before, after].map((part) => (part ? part.split(":") : []));
	const zeros = Array<string>(after === undefined ? 0 : 8 - head!.length - tail!.length).fill("0");
	return [...head!, ...zeros, ...tail!].map((group) => binary(Number.parseInt(group, 16), 16)).join("");
}
