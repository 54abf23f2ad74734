import { type KeyRef, SopsError, UsageError } from "@sopskit/core";

/** The `fp` of an entry, understood. */
export interface Fingerprint {
	/** 40 or 64 hexadecimal digits, or the 16 of a long key id, in upper case. */
	readonly hex: string;
	/** A trailing `!`: this very key or subkey, and no other of its owner. */
	readonly exact: boolean;
}

/**
 * Reads an `fp` in the forms that the reference gets through gpg: spaces count for nothing, case neither, and
 * `0x` may stand before it. Undefined for what is none, such as short key ids and mail addresses.
 */
export function readFingerprint(text: string): Fingerprint | undefined {
	const match =
		/^(?:0x)?([0-9a-f]{16}|[0-9a-f]{40}|[0-9a-f]{64})(!?)$/i.exec(text.replaceAll(" ", "")) ?? undefined;
	return match && { hex: match[1]!.toUpperCase(), exact: match[2] === "!" };
}

/**
 * What may be wrong with an `fp` that leads to no key, or undefined. A fingerprint without letters that stands
 * in YAML without quotes is a number there, and `1E5…` is one even with a letter.
 */
export function fingerprintTrouble(text: string): string | undefined {
	const unspaced = text.replaceAll(" ", "");
	if (unspaced === "") return "the fp is empty";
	const isNumber = /^[+-]?[\d.]+(?:e[+-]?\d*)?$/i.test(unspaced) || /^[+-]?\.?inf$/i.test(unspaced);
	if (readFingerprint(text) !== undefined) {
		if (!isNumber) return undefined;
		return "the fp has no letters: such a fingerprint must be in quotes in YAML, or it becomes another number";
	}
	if (isNumber) {
		return "the fp is a number: such a fingerprint must be in quotes in YAML, or it becomes another number";
	}
	if (/^(?:0x)?[0-9a-f]{8}!?$/i.test(unspaced)) return "the fp is a short key id; give all 40 digits";
	if (unspaced.includes("@")) return "the fp is a mail address; give the fingerprint of 40 digits";
	return "the fp is no fingerprint of 40 hexadecimal digits";
}

/**
 * The ref of an OpenPGP key, which a provider binds: `provider.masterKey(pgpRef("…"))`.
 *
 * @param fingerprint - 40 hexadecimal digits (64 for keys of version 6), or the 16 of a long key id; a trailing
 * `!` names one subkey. Spaces are removed, as the reference does, and nothing else is changed (sops 3.13.3,
 * pgp/keysource.go)
 * @throws UsageError `argument-invalid` if it is not a text
 * @throws SopsError `key-invalid` if it is not a fingerprint
 */
export function pgpRef(fingerprint: string): KeyRef {
	if (typeof fingerprint !== "string") {
		throw new UsageError("argument-invalid", "pgpRef: the fingerprint must be a text; put it in quotes");
	}
	const text = fingerprint.replaceAll(" ", "");
	if (readFingerprint(text) === undefined) {
		const reason = fingerprintTrouble(text) ?? "the fp is no fingerprint of 40 hexadecimal digits";
		throw new SopsError("key-invalid", `OpenPGP fingerprint cannot be used: ${reason}`, {
			type: "pgp",
			reason,
		});
	}
	return refOf(text);
}

/**
 * The refs of a comma list of fingerprints, as in `SOPS_PGP_FP`. An empty text gives none.
 *
 * @throws UsageError, SopsError as {@link pgpRef}; an empty item is refused
 */
export function pgpRefs(list: string): readonly KeyRef[] {
	if (typeof list !== "string") throw new UsageError("argument-invalid", "pgpRefs: the list must be a text");
	return list.trim() === "" ? [] : list.split(",").map((item) => pgpRef(item.trim()));
}

/** Both the id and the one field of an OpenPGP ref are the fingerprint. */
export function refOf(fp: string): KeyRef {
	return Object.freeze({ type: "pgp", id: fp, fields: Object.freeze({ fp }) });
}

/** The `fp` of a ref without its spaces; undefined where the ref is of another type, or its `fp` no text. */
export function fpOf(ref: KeyRef): string | undefined {
	if (ref?.type !== "pgp") return undefined;
	const fp = ref.fields?.fp;
	return typeof fp === "string" ? fp.replaceAll(" ", "") : undefined;
}

/** An `fp` for messages. It may come out of a file, so it is cut to a line of printable characters. */
export function shown(fp: string): string {
	const printable = fp.replace(/[^\x20-\x7e]/g, "?");
	if (printable === "") return "(no fingerprint)";
	return printable.length <= 70 ? printable : `${printable.slice(0, 20)}…${printable.slice(-8)}`;
}
