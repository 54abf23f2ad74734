import { SopsError, UsageError } from "@sopskit/core";

/** Keys of OpenPGP as text or bytes: armored (one block or several), or binary as `gpg --export` writes them. */
export type PgpKeyText = string | Uint8Array;

/** One armored block, or the packets of one binary input. One that is optional is left out if it cannot be read. */
export type KeyBlock = { readonly place: string; readonly optional?: true } & (
	| { readonly armored: string }
	| { readonly binary: Uint8Array }
);

/** Which half of keys an option takes. */
export type KeyKind = "private" | "public";

const BLOCK =
	/-----BEGIN PGP (PUBLIC|PRIVATE) KEY BLOCK-----[^\S\n]*\r?\n[\s\S]*?-----END PGP \1 KEY BLOCK-----/g;

/**
 * Finds the keys in what a caller gave, as far as that goes without the library. What the packets say is read
 * on first use. No reason holds any of the text.
 *
 * @throws UsageError `argument-invalid` for anything but texts and bytes
 * @throws SopsError `key-invalid` for what holds no key of the kind
 */
export function readKeyTexts(given: unknown, kind: KeyKind, of: string): KeyBlock[] {
	if (given === undefined) return [];
	const items: readonly unknown[] = Array.isArray(given) ? given : [given];
	return items.flatMap((item, index) => {
		const place = `${kind} key text ${index + 1}`;
		if (typeof item !== "string" && !(item instanceof Uint8Array)) {
			throw new UsageError(
				"argument-invalid",
				`${of}: ${place} must be armored text, or bytes as gpg exports them`,
			);
		}
		const found = typeof item === "string" ? readText(item, place) : readBytes(item, place);
		const trouble = typeof found === "string" ? found : kindTrouble(found, kind);
		if (trouble !== undefined) invalid(place, trouble);
		return (found as FoundBlock[]).map(({ block }) => block);
	});
}

/** The keys of a ring file, of either kind, or what is wrong with it. */
export function readRing(bytes: Uint8Array, path: string): KeyBlock[] | string {
	const found = readBytes(bytes, path);
	return typeof found === "string" ? found : found.map(({ block }) => ({ ...block, optional: true }));
}

interface FoundBlock {
	readonly kind: KeyKind;
	readonly block: KeyBlock;
}

/** A secret export holds public blocks too at times; a private key among public ones is a mistake to tell. */
function kindTrouble(found: readonly FoundBlock[], kind: KeyKind): string | undefined {
	const has = (wanted: KeyKind): boolean => found.some((one) => one.kind === wanted);
	if (kind === "private" && !has("private")) {
		return "it holds public keys only; export the private half with gpg --export-secret-keys --armor";
	}
	if (kind === "public" && has("private")) {
		return "it holds a private key; give the public half here (gpg --export --armor)";
	}
	return undefined;
}

function readText(text: string, place: string): FoundBlock[] | string {
	const found = [...text.matchAll(BLOCK)].map(([armored, kind]) => ({
		kind: kind === "PRIVATE" ? ("private" as const) : ("public" as const),
		block: { place, armored: `${armored}\n` },
	}));
	const begun = text.match(/-----BEGIN PGP (?:PUBLIC|PRIVATE) KEY BLOCK-----/g)?.length ?? 0;
	if (found.length < begun) return "a key block in it has no end; a part is missing";
	if (found.length > 0) return found;
	if (text.trim() === "") return "it is empty";
	if (text.includes("-----BEGIN PGP MESSAGE-----")) return "it is an encrypted message, not a key";
	if (text.includes("AGE-SECRET-KEY-")) return "it is an age identity; that goes to the age provider";
	if (!text.trim().includes("\n")) {
		return "it is a single line; give the content of the key file, not its path and not a fingerprint";
	}
	return "there is no armored OpenPGP key in it (-----BEGIN PGP … KEY BLOCK-----)";
}

function readBytes(bytes: Uint8Array, place: string): FoundBlock[] | string {
	if (bytes.length === 0) return "it is empty";
	if (isKeybox(bytes)) return "it is a keybox (pubring.kbx), which only gpg reads; use gpg() for it";
	const [first] = bytes as unknown as readonly [number];
	// Armored text in a buffer, as readFile() gives it without an encoding.
	if (first < 0x80) return readText(new TextDecoder("latin1").decode(bytes), place);
	// The tag of a packet (RFC 9580, section 4.2): in the low six bits, or in four of them in the old format.
	const tag = (first & 0x40) !== 0 ? first & 0x3f : (first >> 2) & 0x0f;
	if (tag !== 5 && tag !== 6) return "it does not begin with an OpenPGP key";
	return [{ kind: tag === 5 ? "private" : "public", block: { place, binary: bytes.slice() } }];
}

/** GnuPG's keybox: `KBXf` after eight bytes. */
export function isKeybox(bytes: Uint8Array): boolean {
	return [0x4b, 0x42, 0x58, 0x66].every((byte, index) => bytes[8 + index] === byte);
}

function invalid(place: string, reason: string): never {
	throw new SopsError("key-invalid", `OpenPGP keys cannot be read: ${place}: ${reason}`, {
		type: "pgp",
		reason: `${place}: ${reason}`,
	});
}
