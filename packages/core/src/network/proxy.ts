import { BlockList, isIP } from "node:net";
import { KeyError } from "../keys/contract.ts";
import { type Check, isTexts } from "../options.ts";

/** A proxy for requests, as a caller names it. */
export interface ProxySettings {
	/** Such as `http://proxy.example:3128`; user and password may stand in it. */
	readonly url: string;
	/**
	 * Hosts that are asked directly, in the forms of `NO_PROXY`: `example.com` with what is below it, `.example.com` for
	 * that alone, `10.0.0.0/8`, a port behind any of them but the last, and `*` for all.
	 */
	readonly except?: readonly string[] | undefined;
}

/** Which proxies requests go through. */
export interface Proxies {
	/** For URLs that begin with `https:`, and with `http:`. */
	readonly https?: string | undefined;
	readonly http?: string | undefined;
	readonly except: readonly string[];
}

/** A proxy, with user and password apart from the URL, which libraries print where DEBUG is set. */
export interface ProxyWay {
	readonly url: string;
	/** `user:password` in clear. */
	readonly login: string | undefined;
}

/** Checks an option that is the URL of a proxy or {@link ProxySettings}. */
export const isProxy: Check = (value) => {
	const { url, except = [] } =
		typeof value === "string" ? { url: value } : ((value ?? {}) as Partial<ProxySettings>);
	return readUrl(url) !== undefined && isTexts(except) === undefined
		? undefined
		: "the URL of a proxy, or { url, except }";
};

/** What a caller named: for all requests but those to the exceptions. */
export function proxiesOf(given: string | ProxySettings): Proxies {
	const { url, except = [] } = typeof given === "string" ? { url: given } : given;
	return { https: url, http: url, except };
}

/**
 * What variables name, in the way of programs written in Go (golang.org/x/net 0.57, http/httpproxy): `HTTPS_PROXY`,
 * `HTTP_PROXY` and `NO_PROXY`, or the same in lower case. The machine itself is then never asked through a proxy.
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
	const port = Number(url.port || (url.protocol === "https:" ? 443 : 80));
	const host = url.hostname.replace(/^\[(.*)\]$/, "$1");
	if (!proxy || except.some((entry) => isNamedBy(host, port, entry.trim().toLowerCase()))) return undefined;
	const read = readUrl(proxy);
	if (read !== undefined) return read;
	throw new KeyError("misconfigured", "the proxy is not of the form http://proxy.example.com:3128");
}

/** What tells a proxy who asks. */
export function proxyHeaders({ login }: ProxyWay): Readonly<Record<string, string>> {
	if (login === undefined) return {};
	return { "proxy-authorization": `Basic ${Buffer.from(login).toString("base64")}` };
}

/** Of a proxy that is spoken to over HTTP. */
function readUrl(text: unknown): ProxyWay | undefined {
	if (typeof text !== "string" || !URL.canParse(text)) return undefined;
	const { protocol, host, username, password } = new URL(text);
	if (protocol !== "http:" && protocol !== "https:") return undefined;
	try {
		const login = [username, password].map(decodeURIComponent).join(":");
		return { url: `${protocol}//${host}`, login: login === ":" ? undefined : login };
	} catch {
		// A stray % in user or password, which Go refuses too.
		return undefined;
	}
}

function withScheme(text: string): string {
	return text === "" || text.includes("://") ? text : `http://${text}`;
}

function isNamedBy(host: string, port: number, entry: string): boolean {
	if (entry === "*") return true;
	const subnet = /^(.+)\/([0-9]{1,3})$/.exec(entry);
	if (subnet !== null) return isWithin(subnet[1]!, Number(subnet[2]), host);
	const parts = /^(?:\[([^\]]*)\]|([^:]*)):([0-9]*)$/.exec(entry);
	const [name, only] = parts === null ? [entry, ""] : [parts[1] ?? parts[2]!, parts[3]!];
	if (name === "" || (only !== "" && Number(only) !== port)) return false;
	if (isIP(name) !== 0) return isWithin(name, isIP(name) === 4 ? 32 : 128, host);
	if (isIP(host) !== 0) return false;
	const below = name.replace(/^\*\./, ".");
	return below.startsWith(".") ? host.endsWith(below) : host === below || host.endsWith(`.${below}`);
}

function isWithin(network: string, prefix: number, host: string): boolean {
	const family = isIP(network);
	if (family === 0 || isIP(host) === 0 || prefix > (family === 4 ? 32 : 128)) return false;
	const list = new BlockList();
	list.addSubnet(network, prefix, family === 4 ? "ipv4" : "ipv6");
	return list.check(host, isIP(host) === 4 ? "ipv4" : "ipv6");
}
