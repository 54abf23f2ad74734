import { openbao } from "./place.mjs";
import { freePort, startServer } from "./server-process.ts";

/** OpenBao in its development mode: a real server, unsealed, in memory. */
export interface OpenBao {
	readonly url: string;
	readonly rootToken: string;
	/** A call of the HTTP interface, below `/v1/`, with the root token unless another is given. */
	call(
		method: string,
		path: string,
		input?: object,
		headers?: Readonly<Record<string, string>>,
	): Promise<Record<string, unknown>>;
	stop(): Promise<void>;
}

export async function startOpenBao(): Promise<OpenBao> {
	// It takes the next port too, for its cluster.
	const port = await freePort(2);
	const url = `http://127.0.0.1:${port}`;
	const rootToken = "the-root-token-of-tests";
	const { stop } = await startServer(
		openbao()!,
		[
			...["server", "-dev", "-dev-no-store-token", `-dev-root-token-id=${rootToken}`],
			`-dev-listen-address=127.0.0.1:${port}`,
		],
		async () => (await fetch(`${url}/v1/sys/health`)).ok,
	);
	return {
		url,
		rootToken,
		stop,
		async call(method, path, input, headers = {}) {
			const response = await fetch(`${url}/v1/${path}`, {
				method,
				headers: { "x-vault-token": rootToken, "content-type": "application/json", ...headers },
				...(input !== undefined && { body: JSON.stringify(input) }),
			});
			const text = await response.text();
			if (!response.ok) throw new Error(`openbao: ${method} ${path} gave ${response.status} ${text}`);
			return text === "" ? {} : JSON.parse(text);
		},
	};
}
