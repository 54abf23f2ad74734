// The least that any implementation on Node can need: the same AES-GCM operations and the SHA-512, nothing else.
import { createCipheriv, createDecipheriv, createHash, createSecretKey, randomBytes } from "node:crypto";

const ENC = /ENC\[AES256_GCM,data:([A-Za-z0-9+/=]+),/g;
const OPTIONS = { authTagLength: 16 };

export function prepare({ of, action }, inputs) {
	if (action === "text") return undefined;
	const key = createSecretKey(randomBytes(32));
	const texts = of === "secrets" ? inputs.secrets.encrypted : [inputs[of].encrypted];
	const files = texts.map((text) =>
		[...text.matchAll(ENC)].map(([, data]) => {
			const plain = randomBytes(Buffer.from(data, "base64").length);
			const iv = randomBytes(32);
			const aad = Buffer.from("services:billing-1:environment:SETTING_1:");
			return { iv, aad, plain, ...seal(key, iv, aad, plain) };
		}),
	);
	if (action === "encrypt") {
		return async () => {
			for (const values of files) {
				const hash = createHash("sha512");
				for (const { aad, plain } of values) {
					hash.update(plain);
					seal(key, randomBytes(32), aad, plain);
				}
				hash.digest();
			}
		};
	}
	return async () => {
		for (const values of files) {
			const hash = createHash("sha512");
			for (const { iv, aad, data, tag } of values) {
				const decipher = createDecipheriv("aes-256-gcm", key, iv, OPTIONS);
				decipher.setAAD(aad);
				decipher.setAuthTag(tag);
				hash.update(decipher.update(data));
				decipher.final();
			}
			hash.digest();
		}
	};
}

function seal(key, iv, aad, plain) {
	const cipher = createCipheriv("aes-256-gcm", key, iv, OPTIONS);
	cipher.setAAD(aad);
	const data = cipher.update(plain);
	cipher.final();
	return { data, tag: cipher.getAuthTag() };
}
