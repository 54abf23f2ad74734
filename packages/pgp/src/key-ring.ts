import { KeyError } from "@sopskit/core";
import type { Key, PrivateKey, Subkey } from "openpgp";
import { type Fingerprint, readFingerprint, shown } from "./fingerprint.ts";
import type { KeyBlock } from "./key-text.ts";
import { loadLibrary, type OpenPgp, READING } from "./library.ts";

/** A key or subkey that was found, with the key it belongs to. */
export interface Found<K extends Key = Key> {
	readonly owner: K;
	/** The key itself, or one of its subkeys. */
	readonly key: K | Subkey;
}

/** Keys that were found, and what was wrong where others were looked for. */
export interface LoadedKeys {
	readonly blocks: readonly KeyBlock[];
	readonly remarks: readonly string[];
}

/** Keys that were read. */
export interface KeyRing {
	readonly library: OpenPgp;
	/** The private keys that an `fp` names: as a whole, or by one of their subkeys. */
	privateOf(fp: string): readonly Found<PrivateKey>[];
	/** Everything public that is known of the key an `fp` names, put together; undefined where nothing is. */
	publicOf(fp: string): Promise<Found | undefined>;
	/** The private keys that a message is for; with hidden recipients all that could be. */
	candidates(keyIds: readonly string[]): readonly Found<PrivateKey>[];
	readonly publicKeys: readonly Key[];
	readonly privateCount: number;
	/** What was wrong where keys were looked for, for "there is no such key" messages. */
	readonly remarks: readonly string[];
}

/** What stands in a message in the place of a key id that is not told. */
const HIDDEN = "0".repeat(16);

/**
 * Reads the packets of keys.
 *
 * @throws KeyError `misconfigured` for a block that cannot be read, `failed` where `openpgp` cannot be loaded
 */
export async function openKeyRing({ blocks, remarks }: LoadedKeys): Promise<KeyRing> {
	const library = await whileLoading(loadLibrary);
	const read = await Promise.all(blocks.map((block) => readBlock(block, library)));
	const keys = read.flatMap((found) => (typeof found === "string" ? [] : found));
	const unreadable = read.filter((found) => typeof found === "string");
	const privateKeys = keys.filter((key): key is PrivateKey => key.isPrivate());
	// An older export of the private half may lack what happened since, such as a revocation.
	const publicKeys = keys.map((key) => (key.isPrivate() ? key.toPublic() : key));
	return {
		library,
		publicKeys,
		remarks: [...remarks, ...unreadable],
		privateCount: privateKeys.length,
		privateOf: (fp) => find(privateKeys, fp),
		async publicOf(fp) {
			const [first] = find(publicKeys, fp);
			if (first === undefined) return undefined;
			const same = publicKeys.filter((key) => key.getFingerprint() === first.owner.getFingerprint());
			let whole: Key = same[0]!;
			for (const other of same.slice(1)) whole = await whole.update(other);
			return find([whole], fp)[0];
		},
		candidates(keyIds) {
			const parts = privateKeys.flatMap((owner) => partsOf(owner).map((key) => ({ owner, key })));
			const named = parts.filter(({ key }) => keyIds.includes(keyIdOf(key)));
			const hidden = keyIds.includes(HIDDEN) ? parts : [];
			// Those that need no passphrase first: nobody is asked in vain.
			const ready = ({ key }: Found<PrivateKey>): number => Number(key.keyPacket.isDecrypted());
			const inOrder = (found: Found<PrivateKey>[]) => found.sort((a, b) => ready(b) - ready(a));
			return [...inOrder(named), ...inOrder([...hidden])];
		},
	};
}

async function readBlock(block: KeyBlock, { readKeys }: OpenPgp): Promise<Key[] | string> {
	try {
		const keys = await ("armored" in block
			? readKeys({ armoredKeys: block.armored, config: READING })
			: readKeys({ binaryKeys: block.binary, config: READING }));
		if (keys.length > 0) return keys;
	} catch {
		// A message of the library may quote what it was given.
	}
	if (block.optional) return `${block.place}: no OpenPGP keys can be read there`;
	throw new KeyError(
		"misconfigured",
		`the ${block.place} cannot be read as an OpenPGP key: export it again with gpg --export or --export-secret-keys`,
	);
}

function find<K extends Key>(keys: readonly K[], fp: string): Found<K>[] {
	const wanted = readFingerprint(fp);
	if (wanted === undefined) return [];
	return keys.flatMap((owner) =>
		partsOf(owner)
			.filter((key) => isNamed(key, wanted))
			.map((key) => ({ owner, key })),
	);
}

function partsOf<K extends Key>(owner: K): readonly (K | Subkey)[] {
	return [owner, ...owner.subkeys];
}

function isNamed(key: Key | Subkey, { hex }: Fingerprint): boolean {
	return hex === (hex.length === 16 ? keyIdOf(key) : key.getFingerprint().toUpperCase());
}

export function keyIdOf(key: Key | Subkey): string {
	return key.getKeyID().toHex().toUpperCase();
}

/**
 * The curve of a primary key whose signatures `openpgp` cannot check on Node, so that it can use none of the
 * key's subkeys (6.3.2 wants a module there that it does not bring).
 */
export function foreignCurve(owner: Key): string | undefined {
	const { algorithm, curve } = owner.getAlgorithmInfo();
	return algorithm === "ecdsa" && /^(?:brainpool|secp256k1)/.test(curve ?? "") ? curve : undefined;
}

/** The fingerprint of a key in the form in which the reference looks it up in ring files. */
export function fingerprintOf(key: Key): string {
	return key.getFingerprint().toUpperCase();
}

/** A key for messages: the `fp` that was asked for, and the subkey if that is another one. */
export function namedAs(fp: string, key: Key | Subkey): string {
	const id = keyIdOf(key);
	return fp.toUpperCase().replace(/!$/, "").endsWith(id) ? shown(fp) : `${shown(fp)} (subkey ${id})`;
}

/** Turns trouble with the library itself into a KeyError. */
async function whileLoading<T>(work: () => Promise<T>): Promise<T> {
	try {
		return await work();
	} catch (error) {
		const kind = error instanceof Error ? error.name : "unknown error";
		throw new KeyError("failed", `openpgp could not be loaded (${kind})`);
	}
}
