import { crypto } from "#crypto";
import { Cipher } from "../cipher.ts";
import type { Finding } from "../finding.ts";
import type { FormatCodec } from "../formats/codec.ts";
import { codecOf, envelopeOf, FORMATS, type Format } from "../formats/formats.ts";
import { DATA_KEY_LENGTH } from "../keys/unwrap.ts";
import type { KeyGroup } from "../keys/wrap.ts";
import { wrapDataKey } from "../keys/wrap.ts";
import { formatRfc3339Seconds } from "../leaf/time.ts";
import { COMPATIBLE_VERSION } from "../metadata/metadata.ts";
import { attachMetadata, hasMetadata } from "../metadata/place.ts";
import { writeMetadata } from "../metadata/write.ts";
import { type Check, checkOptions, isBoolean, isInteger, isOneOf } from "../options.ts";
import { Judge, OPTION_OF_SELECTOR, type SelectorOptions } from "../selectors.ts";
import { alreadyEncrypted } from "../steps/already-encrypted.ts";
import { encryptTree } from "../steps/encrypt-tree.ts";
import { EncryptedFile } from "../steps/encrypted-file.ts";
import {
	COMMON_CHECKS,
	type CommonOptions,
	GROUPS_CHECK,
	inputText,
	LAYOUT_CHECKS,
	requireFormat,
	requireOption,
	SELECTOR_CHECKS,
} from "../steps/input.ts";
import { requireDocuments } from "../steps/output.ts";
import { requireReadable } from "../steps/readable.ts";
import { type Layout, render } from "../steps/render.ts";
import { selectorOf } from "../steps/selector-option.ts";
import { unreadText } from "../steps/unread-text.ts";
import { UsageError } from "../usage-error.ts";

/** Options of {@link encryptDocument}. */
export interface EncryptOptions extends CommonOptions, SelectorOptions {
	/** Who can decrypt: any key of a group gives the group's part. With one group any key opens the file. */
	readonly keyGroups: readonly KeyGroup[];
	/** How many groups are needed; all by default. */
	readonly shamirThreshold?: number | undefined;
	/** The MAC covers encrypted values only, so that values in clear may be edited without keys. */
	readonly macOnlyEncrypted?: boolean | undefined;
	/** `reference` (default): as `sops` writes it. `keep`: the author's layout. */
	readonly layout?: Layout | undefined;
	/** Spaces per level in the reference's layout; for JSON and binary -1 is a tab. */
	readonly indent?: number | undefined;
	/** The format of the encrypted file; that of the plain one by default. Comments are lost where it holds none. */
	readonly outputFormat?: Format | undefined;
}

export const ENCRYPT_CHECKS: Readonly<Record<string, Check>> = {
	...COMMON_CHECKS,
	...SELECTOR_CHECKS,
	...LAYOUT_CHECKS,
	keyGroups: GROUPS_CHECK,
	shamirThreshold: isInteger,
	macOnlyEncrypted: isBoolean,
	outputFormat: isOneOf(...FORMATS),
};

/** What encryption draws from outside; tests replace it to reproduce bytes. */
export interface EncryptionSeams {
	readonly now: () => Date;
	readonly random: (length: number) => Uint8Array;
}

const SEAMS: EncryptionSeams = { now: () => new Date(), random: crypto.random };

/**
 * Encrypts a plain file. No identity is needed.
 *
 * @param input - the plaintext as text or UTF-8 bytes; any bytes for dotenv and binary
 * @throws SopsError `already-encrypted`, `keys-missing`, `wrap-failed`, `selector-conflict`, `selector-invalid`,
 * `comment-selector-ambiguous`, `value-unsupported`, `documents-several`, `aborted`, `size-exceeded`, and those of reading the format
 * (see {@link decryptDocument})
 * @throws UsageError for unknown options and wrong argument types
 */
export async function encryptDocument(
	input: string | Uint8Array,
	options: EncryptOptions,
): Promise<EncryptedFile> {
	return encryptWith(input, options, SEAMS);
}

/** {@link encryptDocument} with its time and randomness given. */
export async function encryptWith(
	input: string | Uint8Array,
	options: EncryptOptions,
	seams: EncryptionSeams,
): Promise<EncryptedFile> {
	const of = "encryptDocument()";
	checkOptions(of, options, ENCRYPT_CHECKS);
	const codec = requireFormat(of, options.format);
	const output = codecOf(options.outputFormat ?? options.format);
	if (output !== codec && options.layout === "keep") {
		throw new UsageError(
			"argument-invalid",
			`The option "layout" of ${of} cannot be "keep" when "outputFormat" is another format.`,
		);
	}
	requireOption(of, "keyGroups", options.keyGroups);
	const threshold = thresholdOf(options);
	const judge = codec.selectable ? new Judge(selectorOf(options)).requireValid() : undefined;
	const file = codec.parse(inputText(of, input, codec, options.maxBytes), {
		wideIntegers: options.wideIntegers ?? "refuse",
	});
	const { branches } = file;
	const envelope = envelopeOf(output);
	if (hasMetadata(branches, envelope.metadata)) throw alreadyEncrypted(output);
	requireDocuments(envelope, branches);

	const findings: Finding[] = [...file.findings, ...ignoredSelectors(codec, options)];
	// A file in an envelope has no layout to keep.
	let layout = codec === envelope ? (options.layout ?? "reference") : "reference";
	if (layout === "keep" && codec.holdsUnread?.(file)) {
		layout = "reference";
		findings.push(unreadText());
	}
	const dataKey = seams.random(DATA_KEY_LENGTH);
	try {
		const now = seams.now();
		const groups = await wrapDataKey({
			dataKey,
			groups: options.keyGroups,
			shamirThreshold: threshold,
			now,
			signal: options.signal,
		});
		const cipher = new Cipher(dataKey, seams.random);
		const macOnlyEncrypted = codec.selectable && (options.macOnlyEncrypted ?? false);
		const { mac, changes } = encryptTree(branches, judge, macOnlyEncrypted, cipher);
		const lastModified = formatRfc3339Seconds(now);
		const metadata = writeMetadata({
			groups,
			shamirThreshold: threshold,
			lastModified,
			mac: cipher.sealText(mac, "str", lastModified),
			version: COMPATIBLE_VERSION,
			selector: judge?.selector,
			macOnlyEncrypted,
			unknown: [],
		});
		changes.push(...attachMetadata(branches, metadata, envelope.metadata));
		const emitOptions = options.indent === undefined ? {} : { indent: options.indent };
		const text = render(envelope, branches, layout, emitOptions, file, changes, findings);
		if (output !== codec || envelope.metadata !== "nested") requireReadable(text, envelope, branches, cipher);
		return new EncryptedFile(text, true, findings, output.name);
	} finally {
		dataKey.fill(0);
	}
}

/** docs/decisions/0011-nothing-unread-stays-in-clear.md */
/** All groups by default; one group needs no threshold. */
function thresholdOf({ shamirThreshold, keyGroups }: EncryptOptions): number {
	const groups = keyGroups.length;
	if (shamirThreshold === undefined) return groups > 1 ? groups : 0;
	if (groups <= 1 ? shamirThreshold === 1 : shamirThreshold >= 2 && shamirThreshold <= groups)
		return shamirThreshold;
	const range = groups <= 1 ? "1 with one key group" : `between 2 and ${groups} with ${groups} key groups`;
	throw new UsageError(
		"argument-invalid",
		`The option "shamirThreshold" of encryptDocument() must be ${range}.`,
	);
}

/** The reference warns, and encrypts everything (sops 3.13.3, cmd/sops/main.go, `getEncryptConfig`). */
function ignoredSelectors(codec: FormatCodec, options: EncryptOptions): Finding[] {
	const given = Object.values(OPTION_OF_SELECTOR).filter((name) => options[name]);
	if (codec.selectable || given.length === 0) return [];
	return [
		{
			code: "selectors-ignored",
			message: `A ${codec.name} file is one value, which is always encrypted; ignored: ${given.join(", ")}.`,
		},
	];
}
