import { BlockList, isIP } from "node:net";
import { type Check, isTexts } from "../options.ts";

/** A proxy for `https` requests. */
export interface HttpsProxy {
	/** Such as `http://proxy.example:3128`; user and password may stand in it. */
	readonly url: string;
	/**
	 * Hosts that are asked directly, in the forms of `NO_PROXY`: `example.com` with what is below it, `.example.com` for
	 * that alone, `10.0.0.0/8`, a port behind any of them but the last, and `*` for all. This machine always is.
	 */
	readonly except?: readonly string[] | undefined;
}

/** Checks an option that is a proxy or the URL of one. */
export const isProxy: Check = (value) => {
	const { url, except = [] } =
		typeof value === "string" ? { url: value } : ((value ?? {}) as Partial<HttpsProxy>);
	return typeof url === "string" && isProxyUrl(url) && isTexts(except) === undefined
		? undefined
		: "the URL of a proxy, or { url, except }";
};

function isProxyUrl(text: string): boolean {
	try {
		const { protocol, username, password } = new URL(text);
		// A stray % there is found when a connection is made, and then not handled.
		decodeURIComponent(username + password);
		return protocol === "http:" || protocol === "https:";
	} catch {
		return false;
	}
}

/** The proxy of `HTTPS_PROXY` and `NO_PROXY`; `unusable` where that is not the URL of one that is spoken to over HTTP. */
export function proxyFrom(
	environment: Readonly<Record<string, string | undefined>>,
): HttpsProxy | "unusable" | undefined {
	const text = environment.HTTPS_PROXY || environment.https_proxy;
	if (!text) return undefined;
	const url = text.includes("://") ? text : `http://${text}`;
	if (isProxy(url) !== undefined) return "unusable";
	return { url, except: (environment.NO_PROXY || environment.no_proxy || "").split(",") };
}

const THIS_MACHINE = new BlockList();
THIS_MACHINE.addSubnet("127.0.0.0", 8, "ipv4");
THIS_MACHINE.addAddress("::1", "ipv6");

/** Whether requests to a host pass the proxy by, by Go's rules for `NO_PROXY` (x/net 0.57, http/httpproxy/proxy.go). */
export function isExcepted(hostname: string, port: number, except: readonly string[]): boolean {
	const host = hostname.toLowerCase().replace(/^\[(.*)\]$/, "$1");
	if (host === "localhost" || contains(THIS_MACHINE, host)) return true;
	return except.some((entry) => matches(entry.trim().toLowerCase(), host, port));
}

function matches(entry: string, host: string, port: number): boolean {
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
	if (family === 0 || prefix > (family === 4 ? 32 : 128)) return false;
	const list = new BlockList();
	list.addSubnet(network, prefix, family === 4 ? "ipv4" : "ipv6");
	return contains(list, host);
}

function contains(list: BlockList, host: string): boolean {
	const family = isIP(host);
	return family !== 0 && list.check(host, family === 4 ? "ipv4" : "ipv6");
}
