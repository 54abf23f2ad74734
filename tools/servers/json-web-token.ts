import { constants, createPrivateKey, type KeyLike, sign, verify } from "node:crypto";

const PADDINGS: Readonly<Record<string, object>> = {
	RS256: { padding: constants.RSA_PKCS1_PADDING },
	PS256: { padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: constants.RSA_PSS_SALTLEN_DIGEST },
};

/** Makes a token that an issuer signed, good for an hour unless said otherwise. */
export function signToken(privateKey: string, claims: object, seconds = 3600): string {
	const now = Math.floor(Date.now() / 1000);
	const parts = [
		{ alg: "RS256", typ: "JWT", kid: "1" },
		{ ...claims, iat: now, nbf: now - 60, exp: now + seconds },
	];
	const signed = parts.map((part) => Buffer.from(JSON.stringify(part)).toString("base64url")).join(".");
	const signature = sign("sha256", Buffer.from(signed), createPrivateKey(privateKey));
	return `${signed}.${signature.toString("base64url")}`;
}

/** The claims of a token. Throws the name of what is wrong with it: signature, expiry, or a claim. */
export function readToken(
	token: string,
	publicKey: KeyLike,
	expected: Readonly<Record<string, unknown>>,
): Record<string, unknown> {
	const [header = "", payload = "", signature = ""] = token.split(".");
	let claims: Record<string, unknown>;
	try {
		const { alg } = JSON.parse(Buffer.from(header, "base64url").toString());
		const padding = PADDINGS[alg];
		const signed = Buffer.from(`${header}.${payload}`);
		if (
			!padding ||
			!verify("sha256", signed, { key: publicKey as never, ...padding }, Buffer.from(signature, "base64url"))
		)
			throw new Error("signature");
		claims = JSON.parse(Buffer.from(payload, "base64url").toString());
	} catch {
		throw new Error("signature");
	}
	if (Number(claims.exp) * 1000 < Date.now()) throw new Error("expiry");
	for (const [name, value] of Object.entries(expected)) if (claims[name] !== value) throw new Error(name);
	return claims;
}
