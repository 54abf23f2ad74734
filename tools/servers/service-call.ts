import type { Arrived } from "./http-server.ts";

/** A request as a service reads it. */
export interface Call {
	readonly method: string;
	readonly path: string;
	readonly query: Readonly<Record<string, string>>;
	/** JSON, or the fields of a form. */
	readonly body: Readonly<Record<string, unknown>>;
	readonly headers: Readonly<Record<string, string | undefined>>;
}

/** What a service says instead of an answer. */
export class Refusal extends Error {
	readonly status: number;
	/** The service's own word. */
	readonly code: string;
	readonly headers: Readonly<Record<string, string>>;

	constructor(status: number, code: string, message: string, headers: Readonly<Record<string, string>> = {}) {
		super(message);
		this.status = status;
		this.code = code;
		this.headers = headers;
	}
}

export function readCall({ method, path, headers, body }: Arrived): Call {
	const url = new URL(path, "http://service");
	return {
		method,
		path: url.pathname,
		query: Object.fromEntries(url.searchParams),
		body: readBody(body),
		headers: headers as Record<string, string | undefined>,
	};
}

function readBody(text: string): Record<string, unknown> {
	if (text === "") return {};
	try {
		const body: unknown = JSON.parse(text);
		return typeof body === "object" && body !== null ? (body as Record<string, unknown>) : { text };
	} catch {
		return Object.fromEntries(new URLSearchParams(text));
	}
}
