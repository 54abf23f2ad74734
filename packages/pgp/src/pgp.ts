import {
	isKeyError,
	type KeyCall,
	type KeyEntry,
	KeyError,
	type KeyProvider,
	type KeyRef,
	type MasterKey,
	type NotMine,
	type UnwrapAnyResult,
	UsageError,
	untilAborted,
} from "@sopskit/core";
import { fpOf } from "./fingerprint.ts";
import { type KeyRing, type LoadedKeys, openKeyRing } from "./key-ring.ts";
import { type KeyBlock, type PgpKeyText, readKeyTexts } from "./key-text.ts";
import { type PgpPassphrase, unlocker } from "./passphrase.ts";
import { unwrap } from "./unwrap.ts";
import { wrapWith } from "./wrap.ts";

/** What {@link pgp} takes. */
export interface PgpOptions {
	/**
	 * The private keys, which unwrap, and wrap too: armored texts, several blocks in one if need be, or bytes as
	 * `gpg --export-secret-keys` writes them.
	 */
	readonly privateKeys?: PgpKeyText | readonly PgpKeyText[] | undefined;
	/** The public keys to wrap for, in the same forms. */
	readonly publicKeys?: PgpKeyText | readonly PgpKeyText[] | undefined;
	/** For private keys that are locked: one passphrase for all, or a function. */
	readonly passphrase?: PgpPassphrase;
}

/**
 * A provider that acts for OpenPGP keys within the process: wraps for the public keys and unwraps with the
 * private keys it was given. It reads no environment, no files and no keyring, and starts no gpg; for these see
 * `@sopskit/pgp/node`. `openpgp` is loaded, and keys are read, at the first wrap or unwrap.
 *
 * Of the keys it gives, `wrap` takes bytes and gives an armored message, and `unwrap` the other way round. A
 * key that is expired or revoked is not encrypted to, and still decrypts. Their KeyErrors have the outcomes
 * - `wrong-key`: the private key is one of ours, and `enc` is a message for other keys;
 * - `damaged`: the private key is one of ours, and `enc` is no message, was altered, is not encrypted, or has no
 *   protection of its integrity;
 * - `misconfigured`: a key text cannot be read, a passphrase is missing or wrong, or the public key to wrap for is
 *   not there;
 * - `refused`: the key to wrap for is expired, revoked or too weak;
 * - `denied`: the passphrase function threw;
 * - `aborted`: the caller's signal;
 * - `failed`: `openpgp` could not be loaded, or cannot work with the key.
 *
 * An `enc` for keys that are not here is *not mine*.
 *
 * @throws UsageError `option-unknown`, or `argument-invalid` for keys that are neither text nor bytes, and for a
 * passphrase that is neither text nor function
 * @throws SopsError `key-invalid` for a text that holds no key of its kind; the reason names the text, never
 * what stands there
 */
export function pgp(options: PgpOptions = {}): KeyProvider {
	const blocks = blocksOf(options, "pgp()");
	return providerOf("pgp", async () => ({ blocks, remarks: [] }), checkedPassphrase(options, "pgp()"));
}

const OPTIONS = ["privateKeys", "publicKeys", "passphrase"];

/** @throws UsageError, SopsError as {@link pgp} */
export function blocksOf(options: PgpOptions, of: string, further: readonly string[] = []): KeyBlock[] {
	if (typeof options !== "object" || options === null || Array.isArray(options)) {
		throw new UsageError("argument-invalid", `${of} takes an options object, such as { privateKeys }`);
	}
	const known = [...OPTIONS, ...further];
	for (const name of Object.keys(options)) {
		if (known.includes(name)) continue;
		// A stray text used as options would have its characters for names: none is repeated here but words.
		const word = /^[a-z]\w{0,40}$/i.test(name) ? `"${name}"` : "that it was given";
		throw new UsageError(
			"option-unknown",
			`${of} does not know the option ${word}. It knows: ${known.join(", ")}.`,
		);
	}
	return [
		...readKeyTexts(options.privateKeys, "private", of),
		...readKeyTexts(options.publicKeys, "public", of),
	];
}

/** @throws UsageError `argument-invalid` */
export function checkedPassphrase({ passphrase }: PgpOptions, of: string): PgpPassphrase {
	if (passphrase === undefined || typeof passphrase === "string" || typeof passphrase === "function") {
		return passphrase;
	}
	throw new UsageError("argument-invalid", `${of}: passphrase must be a text, or a function that gives one`);
}

/** A provider over key blocks that may only be found on first use. The blocks and keys stay in closures. */
export function providerOf(
	name: string,
	load: () => Promise<LoadedKeys>,
	passphrase: PgpPassphrase,
): KeyProvider {
	const unlock = unlocker(passphrase);
	let pending: Promise<KeyRing> | undefined;
	const ring = (): Promise<KeyRing> => {
		pending ??= load()
			.then(openKeyRing)
			.catch((error: unknown) => {
				pending = undefined;
				throw error;
			});
		return pending;
	};
	const unwrapOne = async (enc: string, fp: string): Promise<Uint8Array | NotMine> => {
		const opened = await ring();
		return unwrap(enc, fp, opened, unlock);
	};
	return Object.freeze({
		name,
		masterKey(ref: KeyRef): MasterKey | undefined {
			// Refs come out of files: whatever they are, this must not throw.
			const fp = fpOf(ref);
			if (fp === undefined) return undefined;
			return Object.freeze({
				ref: Object.freeze({ type: "pgp", id: fp, fields: Object.freeze({ fp }) }),
				wrap: wrapWith(fp, ring),
				unwrap: (enc: string, call: KeyCall) => untilAborted(call.signal, () => unwrapOne(enc, fp)),
			});
		},
		unwrapAny: (entries: readonly KeyEntry[], call: KeyCall) =>
			untilAborted(call.signal, () => unwrapAny(entries, call, ring, unwrapOne)),
	});
}

async function unwrapAny(
	entries: readonly KeyEntry[],
	call: KeyCall,
	ring: () => Promise<KeyRing>,
	unwrapOne: (enc: string, fp: string) => Promise<Uint8Array | NotMine>,
): Promise<UnwrapAnyResult> {
	const fpOfEntry = ({ ref }: KeyEntry): string => fpOf(ref) ?? "";
	const mine = await minesOf(entries.map(fpOfEntry), ring);
	const failures = new Map<KeyEntry, { entry: KeyEntry; outcome: KeyError["outcome"]; hint: string }>();
	// Those that name our keys first; the others after them, because an fp is only what the file says.
	for (const entry of [...entries.filter((_, i) => mine[i]), ...entries.filter((_, i) => !mine[i])]) {
		// The caller has its answer already: this only ends the work.
		if (call.signal?.aborted) throw new KeyError("aborted", "aborted by the caller");
		try {
			const result = await unwrapOne(entry.enc, fpOfEntry(entry));
			if (result instanceof Uint8Array) return { part: result, entry };
			failures.set(entry, { entry, outcome: "not-mine", hint: result.notMine });
		} catch (error) {
			if (!isKeyError(error)) throw error;
			failures.set(entry, { entry, outcome: error.outcome, hint: error.message });
		}
	}
	return { failures: entries.map((entry) => failures.get(entry)!) };
}

/** Which of several `fp` name a private key of ours. What keeps the keys from being read is told by each unwrap. */
async function minesOf(fps: readonly string[], ring: () => Promise<KeyRing>): Promise<readonly boolean[]> {
	try {
		const opened = await ring();
		return fps.map((fp) => opened.privateOf(fp).length > 0);
	} catch (error) {
		if (isKeyError(error)) return fps.map(() => false);
		throw error;
	}
}
