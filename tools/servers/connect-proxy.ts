import { createServer } from "node:http";
import { type AddressInfo, connect, type Socket } from "node:net";

export interface ConnectProxy {
	readonly url: string;
	/** Hosts that were asked for and are none of its own. */
	readonly refused: string[];
	/** What clients showed to be let through, oldest first; nothing is demanded. */
	readonly authorizations: string[];
	/** How many connections went through. */
	readonly connections: () => number;
	close(): Promise<void>;
}

/**
 * An HTTPS proxy that leads the names of services to ports of this machine, and nowhere else. Clients keep the names
 * that services have in the world, which some of them check, without a hosts file.
 *
 * @param ports - for each host, on port 443, where it really is
 */
export async function startConnectProxy(ports: ReadonlyMap<string, number>): Promise<ConnectProxy> {
	const refused: string[] = [];
	const authorizations: string[] = [];
	const open = new Set<Socket>();
	let connections = 0;
	const server = createServer((_request, response) => response.writeHead(403).end());
	server.on("connect", (request, socket: Socket) => {
		const host = request.url?.toLowerCase() ?? "";
		authorizations.push(request.headers["proxy-authorization"] ?? "");
		const port = host.endsWith(":443") ? ports.get(host.slice(0, -4)) : undefined;
		if (port === undefined) {
			refused.push(host);
			socket.end("HTTP/1.1 403 Forbidden\r\ncontent-length: 0\r\n\r\n");
			return;
		}
		connections += 1;
		const target = connect(port, "127.0.0.1", () => {
			socket.write("HTTP/1.1 200 Connection established\r\n\r\n");
			socket.pipe(target).pipe(socket);
		});
		for (const [one, other] of [
			[socket, target],
			[target, socket],
		] as const) {
			open.add(one);
			one.on("error", () => other.destroy());
			one.on("close", () => {
				open.delete(one);
				other.destroy();
			});
		}
	});
	await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
	return {
		url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
		refused,
		authorizations,
		connections: () => connections,
		close: () =>
			new Promise((resolve) => {
				server.close(() => resolve());
				server.closeAllConnections();
				for (const socket of open) socket.destroy();
			}),
	};
}
