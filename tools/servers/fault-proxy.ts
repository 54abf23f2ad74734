import { type Certificate, unknownCertificate } from "./certificate.ts";
import { type Answer, type Arrived, type RecordingServer, recordingServer } from "./http-server.ts";

export type { Arrived } from "./http-server.ts";

/** What goes wrong with a request. */
export interface Fault {
	/** Which requests; all of them without it. */
	readonly when?: (request: Arrived) => boolean;
	/** How often; for ever without it. */
	readonly times?: number;
	/** Milliseconds before anything else happens. */
	readonly delay?: number;
	/** Instead of the server's answer. */
	readonly answer?: Answer | undefined;
	/** Changes the body of the server's answer. */
	readonly rewrite?: (body: string) => string;
}

export interface FaultProxy extends RecordingServer {
	/** The first fault that fits a request, and has not had its times yet, happens to it. */
	inject(...faults: readonly Fault[]): void;
	/** Takes all faults back, and forgets what arrived. */
	clear(): void;
	/** The authority of its certificate in PEM; undefined without TLS. */
	readonly ca: string | undefined;
}

/**
 * A proxy in front of a server that rewrites, delays or replaces its answers to order.
 *
 * @param target - where to pass requests on, such as `http://127.0.0.1:5000`
 * @param options - `tls`: with a certificate of an authority that nobody knows
 */
export async function startFaultProxy(
	target: string,
	options: { readonly tls?: boolean } = {},
): Promise<FaultProxy> {
	const certificate: Certificate | undefined = options.tls ? await unknownCertificate() : undefined;
	let faults: { readonly fault: Fault; left: number }[] = [];
	const server = await recordingServer(async (request) => {
		const hit = faults.find(({ fault, left }) => left > 0 && (fault.when?.(request) ?? true));
		if (hit !== undefined) hit.left -= 1;
		const { delay, answer, rewrite } = hit?.fault ?? {};
		if (delay !== undefined) await new Promise((resolve) => setTimeout(resolve, delay));
		if (answer !== undefined) return answer;
		const passed = await pass(target, request);
		return rewrite === undefined ? passed : { ...passed, body: rewrite(passed.body) };
	}, certificate);
	return {
		...server,
		ca: certificate?.cert,
		inject(...more) {
			faults.push(...more.map((fault) => ({ fault, left: fault.times ?? Number.POSITIVE_INFINITY })));
		},
		clear() {
			faults = [];
			server.arrived.length = 0;
		},
	};
}

async function pass(target: string, { method, path, headers, body }: Arrived) {
	const kept = Object.entries(headers).filter(
		([name, value]) =>
			!/^(host|connection|content-length|transfer-encoding|expect)$/.test(name) && value !== undefined,
	);
	const response = await fetch(target + path, {
		method,
		headers: kept.map(([name, value]) => [name, String(value)] as [string, string]),
		...(body !== "" && { body }),
		redirect: "manual",
	});
	const answered = [...response.headers].filter(
		([name]) => !/^(connection|content-length|transfer-encoding|content-encoding)$/.test(name),
	);
	return { status: response.status, headers: Object.fromEntries(answered), body: await response.text() };
}
