import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { createServer as createTlsServer } from "node:https";
import type { AddressInfo } from "node:net";
import type { Certificate } from "./certificate.ts";

/** A request as it arrived. */
export interface Arrived {
	readonly method: string;
	/** With the query. */
	readonly path: string;
	readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
	readonly body: string;
}

export interface RecordingServer {
	readonly url: string;
	readonly port: number;
	/** Everything that arrived, in order. */
	readonly arrived: Arrived[];
	/** How many connections were opened. */
	readonly connections: () => number;
	/** How many connections are open now. */
	readonly open: () => number;
	close(): Promise<void>;
}

/** What a handler may do instead of answering: leave the request without an answer, or cut the connection. */
export type Answer =
	| {
			readonly status?: number;
			readonly headers?: Readonly<Record<string, string>>;
			readonly body?: string | object;
	  }
	| "hang"
	| "reset";

/** A server of the test's own on the loopback address, which writes down what arrives. */
export async function recordingServer(
	handle: (request: Arrived, incoming: IncomingMessage) => Answer | Promise<Answer>,
	certificate?: Certificate,
): Promise<RecordingServer> {
	const arrived: Arrived[] = [];
	let connections = 0;
	let open = 0;
	const listener = async (incoming: IncomingMessage, response: ServerResponse): Promise<void> => {
		const chunks: Buffer[] = [];
		for await (const chunk of incoming) chunks.push(chunk as Buffer);
		const request: Arrived = {
			method: incoming.method ?? "",
			path: incoming.url ?? "",
			headers: incoming.headers,
			body: Buffer.concat(chunks).toString("utf8"),
		};
		arrived.push(request);
		const answer = await handle(request, incoming);
		if (answer === "hang") return;
		if (answer === "reset") {
			incoming.socket.destroy();
			return;
		}
		const { status = 200, headers = {}, body = "" } = answer;
		const isObject = typeof body === "object";
		response.writeHead(status, { ...(isObject && { "content-type": "application/json" }), ...headers });
		response.end(isObject ? JSON.stringify(body) : body);
	};
	const handled = (incoming: IncomingMessage, response: ServerResponse): void => {
		listener(incoming, response).catch(() => incoming.socket.destroy());
	};
	const server = certificate === undefined ? createServer(handled) : createTlsServer(certificate, handled);
	server.on("connection", (socket) => {
		connections += 1;
		open += 1;
		socket.on("close", () => {
			open -= 1;
		});
	});
	await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
	const { port } = server.address() as AddressInfo;
	return {
		url: `${certificate === undefined ? "http" : "https"}://127.0.0.1:${port}`,
		port,
		arrived,
		connections: () => connections,
		open: () => open,
		close: () =>
			new Promise((resolve) => {
				server.close(() => resolve());
				server.closeAllConnections();
			}),
	};
}
