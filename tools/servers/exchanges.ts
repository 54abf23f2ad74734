import { type Answer, type Arrived, type RecordingServer, recordingServer } from "./http-server.ts";

/** One request to a key service, less what differs from call to call, and what was answered. */
export interface Exchange {
	readonly request: {
		readonly method: string;
		readonly path: string;
		/** Those that say what is asked, such as the operation of KMS. */
		readonly headers: Readonly<Record<string, string>>;
		/** A document, or the fields of a form. */
		readonly body: Readonly<Record<string, unknown>>;
	};
	readonly answer: {
		readonly status: number;
		readonly type: string;
		readonly body: unknown;
	};
}

/** A server that passes requests on to another one, and writes down what was asked and answered. */
export async function recordExchanges(
	target: string,
): Promise<RecordingServer & { readonly take: () => readonly Exchange[] }> {
	let exchanges: Exchange[] = [];
	const server = await recordingServer(async (request) => {
		const passed = Object.entries(request.headers).filter(
			([name]) => !/^(?:host|connection|content-length|accept-encoding)$/.test(name),
		);
		const response = await fetch(target + request.path, {
			method: request.method,
			headers: passed.map(([name, value]) => [name, String(value)] as [string, string]),
			body: request.body,
		});
		const type = response.headers.get("content-type") ?? "";
		const text = await response.text();
		const body = text.startsWith("{") ? JSON.parse(text) : text;
		exchanges.push({ request: asked(request), answer: { status: response.status, type, body } });
		return { status: response.status, headers: { "content-type": type }, body: text };
	});
	return {
		...server,
		take() {
			const taken = exchanges;
			exchanges = [];
			return taken;
		},
	};
}

/** A server that answers as was recorded, to the requests that were recorded, and to no others. */
export async function replayExchanges(
	exchanges: readonly Exchange[],
): Promise<RecordingServer & { readonly asked: () => readonly Exchange["request"][] }> {
	const server = await recordingServer((request): Answer => {
		const found = exchanges.find((one) => JSON.stringify(one.request) === JSON.stringify(asked(request)));
		if (found === undefined) return { status: 418 };
		const { status, type, body } = found.answer;
		const text = typeof body === "string" ? body : JSON.stringify(body);
		return { status, headers: { "content-type": type }, body: text };
	});
	return { ...server, asked: () => server.arrived.map(asked) };
}

/** What of a request says what is asked. Signatures, tokens, times and the name of the machine do not. */
function asked({ method, path, headers, body }: Arrived): Exchange["request"] {
	const region = /Credential=[^/]+\/\d+\/([^/]+\/[^/]+)\//.exec(String(headers.authorization))?.[1];
	const kept = {
		...(headers["x-amz-target"] && { "x-amz-target": String(headers["x-amz-target"]) }),
		...(region && { scope: region }),
		...(headers["x-vault-namespace"] && { "x-vault-namespace": String(headers["x-vault-namespace"]) }),
	};
	const isForm = String(headers["content-type"]).startsWith("application/x-www-form-urlencoded");
	const fields = isForm ? Object.fromEntries(new URLSearchParams(body)) : JSON.parse(body);
	// It ends with the name of the machine.
	if (isForm) fields.RoleSessionName = String(fields.RoleSessionName).replace(/^sops@.*/s, "sops@…");
	return { method, path, headers: kept, body: sorted(fields) };
}

/** The clients for Go and for JavaScript write fields in another order, and an empty context or none. */
function sorted(fields: Record<string, unknown>): Record<string, unknown> {
	const present = Object.entries(fields).filter(([, value]) => JSON.stringify(value) !== "{}");
	return Object.fromEntries(
		present
			.sort(([a], [b]) => (a < b ? -1 : 1))
			.map(([name, value]) => [
				name,
				typeof value === "object" && value !== null ? sorted(value as Record<string, unknown>) : value,
			]),
	);
}
