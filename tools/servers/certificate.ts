import { generate } from "selfsigned";

/** A certificate in PEM with its key, which signs itself: its own authority, known to nobody. */
export interface Certificate {
	readonly cert: string;
	readonly key: string;
}

/** Makes a certificate for the loopback address, `localhost` and further hosts. */
export async function unknownCertificate(hosts: readonly string[] = []): Promise<Certificate> {
	const { cert, private: key } = await generate([{ name: "commonName", value: hosts[0] ?? "localhost" }], {
		keyType: "ec",
		extensions: [
			{ name: "basicConstraints", cA: true, critical: true },
			{
				name: "subjectAltName",
				altNames: [
					{ type: 7, ip: "127.0.0.1" },
					...["localhost", ...hosts].map((value) => ({ type: 2 as const, value })),
				],
			},
		],
	});
	return { cert, key };
}
