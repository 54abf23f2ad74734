import { generate } from "selfsigned";

/** A certificate in PEM with its key, which signs itself: its own authority, known to nobody. */
export interface Certificate {
	readonly cert: string;
	readonly key: string;
}

/** Makes a certificate for the loopback address and `localhost`. */
export async function unknownCertificate(): Promise<Certificate> {
	const { cert, private: key } = await generate([{ name: "commonName", value: "localhost" }], {
		keyType: "ec",
		extensions: [
			{ name: "basicConstraints", cA: true, critical: true },
			{
				name: "subjectAltName",
				altNames: [
					{ type: 7, ip: "127.0.0.1" },
					{ type: 2, value: "localhost" },
				],
			},
		],
	});
	return { cert, key };
}
