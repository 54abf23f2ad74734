/** An encrypted file without what is random in it; the length of each ciphertext stays. */
export function mask(text: string): string {
	return text
		.replace(
			/ENC\[AES256_GCM,data:([A-Za-z0-9+/=]+),iv:[A-Za-z0-9+/]{43}=,tag:[A-Za-z0-9+/]{22}==,type:/g,
			(_, data: string) => `ENC[AES256_GCM,data:${data.length},iv,tag,type:`,
		)
		.replace(/-----BEGIN AGE ENCRYPTED FILE-----[^-]*-----END AGE ENCRYPTED FILE-----/g, "AGE");
}
