/** Where the service is. */
export interface Endpoint {
	readonly host: string;
	/** As a number, since the client of the SDK wants it so. */
	readonly port: number;
	/** REST only: without TLS. */
	readonly plain: boolean;
}

const FORM = /^(?:(https?):\/\/)?([A-Za-z0-9.-]{1,253})(?::([0-9]{1,5}))?\/?$/;

/** `host`, `host:port`, or the same as a URL; undefined for what is none. */
export function readEndpoint(text: string): Endpoint | undefined {
	const parts = FORM.exec(text);
	if (parts === null) return undefined;
	const plain = parts[1] === "http";
	const port = parts[3] === undefined ? (plain ? 80 : 443) : Number(parts[3]);
	return port > 0 && port < 65_536 ? { host: parts[2]!, port, plain } : undefined;
}

/** Google's, or that of another universe: a cloud that is run by somebody else. */
export function endpointOf(universe: string): Endpoint {
	return { host: `cloudkms.${universe}`, port: 443, plain: false };
}
