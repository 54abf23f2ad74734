/** What stays of an encrypted file when everything that is random is taken out. Lengths stay. */
export function masked(text: string): string {
	const ciphers = text.replace(
		/ENC\[AES256_GCM,data:([^,]*),iv:([^,]*),tag:([^,]*),/g,
		(_, data: string, iv: string, tag: string) => `ENC[AES256_GCM,${data.length},${iv.length},${tag.length},`,
	);
	const armor = /(-----BEGIN AGE ENCRYPTED FILE-----)(.*?)(-----END AGE)/gs;
	const wrapped = ciphers.replace(
		armor,
		(_, begin: string, body: string, end: string) => begin + body.replace(/[A-Za-z0-9+/=]/g, "x") + end,
	);
	return wrapped.replace(/(lastmodified"?: "?)\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ/g, "$1NOW");
}
