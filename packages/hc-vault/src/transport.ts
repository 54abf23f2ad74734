import { type IncomingMessage, request as requestHttp } from "node:http";
import { request as requestHttps } from "node:https";
import { KeyError } from "@sopskit/core";
import { Agents, type Proxies, type Way } from "@sopskit/core/network";
import { loadProxy } from "./library.ts";

/** What TLS needs beside what the system trusts. */
export interface TlsSettings {
	readonly ca?: string | Uint8Array | undefined;
	readonly cert?: string | Uint8Array | undefined;
	readonly key?: string | Uint8Array | undefined;
	readonly servername?: string | undefined;
	readonly rejectUnauthorized?: boolean | undefined;
}

/** What `node-vault` hands to its transport, with what we add to it. */
export interface TransportRequest {
	readonly method: string;
	readonly uri: string;
	readonly headers: Readonly<Record<string, string>>;
	readonly json?: object | undefined;
	readonly signal?: AbortSignal | undefined;
}

/** What `node-vault` takes from its transport. */
export interface TransportResponse {
	readonly statusCode: number;
	readonly body: unknown;
	readonly request: { readonly path: string };
}

/** Answers of transit and of logins have a few thousand bytes. */
const MAX_ANSWER = 1_048_576;

/**
 * Sends the requests of `node-vault` over connections that are kept, and ends them with the signal. Unlike the
 * transport that comes with it, it reads no environment, and its errors carry no request
 * (docs/decisions/0026-transport-of-node-vault.md).
 */
export class Transport {
	readonly #tls: () => Promise<TlsSettings>;
	readonly #proxies: Proxies | undefined;
	readonly #mayLeadTo: (address: string) => boolean;
	#agents: Promise<Agents> | undefined;

	/** @param mayLeadTo - whether a redirect to another address may be followed */
	constructor(
		tls: () => Promise<TlsSettings>,
		proxies: Proxies | undefined,
		mayLeadTo: (address: string) => boolean,
	) {
		this.#tls = tls;
		this.#proxies = proxies;
		this.#mayLeadTo = mayLeadTo;
	}

	/** @throws KeyError for a redirect that may not be followed; errors of Node with their `code` */
	async send(request: TransportRequest): Promise<TransportResponse> {
		const first = await this.#once(request, request.uri);
		if (![301, 302, 307, 308].includes(first.statusCode)) return first;
		// One, as in the client of the reference: a standby server names the active one.
		const target = redirectTarget(request.uri, first.location);
		const isSame = target?.origin === new URL(request.uri).origin;
		if (target === undefined || !(isSame || this.#mayLeadTo(target.origin))) {
			throw new KeyError(
				"misconfigured",
				"the server redirects to another address, to which the token may not go; use that address, or allow it",
			);
		}
		return this.#once(request, target.href);
	}

	async close(): Promise<void> {
		(await this.#agents?.catch(() => undefined))?.close();
	}

	/** @throws KeyError `misconfigured` for files of TLS that cannot be read, and for a proxy that is none */
	async #way(url: URL): Promise<Way> {
		this.#agents ??= this.#open().catch((thrown: unknown) => {
			// Not kept, or a passing trouble would stay.
			this.#agents = undefined;
			throw thrown;
		});
		return (await this.#agents).of(url);
	}

	async #open(): Promise<Agents> {
		const { ca, cert, key, ...rest } = await this.#tls();
		const pems = Object.entries({ ca, cert, key }).filter(([, value]) => value !== undefined);
		const tls = { ...rest, ...Object.fromEntries(pems.map(([name, value]) => [name, pem(value!)])) };
		return Agents.open({ tls, proxies: this.#proxies, loadProxy });
	}

	async #once(
		{ method, headers, json, signal }: TransportRequest,
		uri: string,
	): Promise<TransportResponse & { readonly location: string | undefined }> {
		const url = new URL(uri);
		const { agent, isTls, asked } = await this.#way(url);
		const body = json === undefined ? "" : JSON.stringify(json);
		const incoming = await new Promise<IncomingMessage>((resolve, reject) => {
			const outgoing = (isTls ? requestHttps : requestHttp)(asked?.at ?? url, {
				method,
				...(asked && { path: `${url.origin}${url.pathname}${url.search}` }),
				...(url.username && { auth: [url.username, url.password].map(decodeURIComponent).join(":") }),
				agent,
				...(signal && { signal }),
				headers: {
					...headers,
					...(asked && { Host: url.host, ...asked.headers }),
					"X-Vault-Request": "true",
					"Content-Type": "application/json",
					"Content-Length": Buffer.byteLength(body),
				},
			});
			outgoing.on("response", resolve);
			outgoing.on("error", reject);
			outgoing.end(body);
		});
		return {
			statusCode: incoming.statusCode ?? 0,
			body: await readJson(incoming),
			location: incoming.headers.location,
			request: { path: url.pathname },
		};
	}
}

function pem(text: string | Uint8Array): string | Buffer {
	return typeof text === "string" ? text : Buffer.from(text);
}

/** Where a redirect leads; undefined for nowhere, and for a way from TLS to clear. */
function redirectTarget(from: string, location: string | undefined): URL | undefined {
	if (location === undefined || !URL.canParse(location, from)) return undefined;
	const target = new URL(location, from);
	const isSafe = target.protocol === "https:" || (target.protocol === "http:" && from.startsWith("http:"));
	return isSafe ? target : undefined;
}

/** The document of an answer, undefined where there is none: a proxy on the way answers with pages. */
async function readJson(incoming: IncomingMessage): Promise<unknown> {
	const chunks: Buffer[] = [];
	let length = 0;
	for await (const chunk of incoming as AsyncIterable<Buffer>) {
		length += chunk.length;
		if (length > MAX_ANSWER) {
			incoming.destroy();
			throw new KeyError("failed", "the server's answer is too long");
		}
		chunks.push(chunk);
	}
	const bytes = Buffer.concat(chunks);
	try {
		return JSON.parse(bytes.toString("utf8"));
	} catch {
		return undefined;
	} finally {
		for (const piece of [bytes, ...chunks]) piece.fill(0);
	}
}
