import { Cipher } from "../cipher.ts";
import { type ErrorCode, isSopsError, type SopsError } from "../errors.ts";
import type { Finding } from "../finding.ts";
import { envelopeOf } from "../formats/formats.ts";
import { throwIfAborted } from "../keys/call.ts";
import { type Check, checkOptions } from "../options.ts";
import type { Path } from "../path.ts";
import { decryptTree } from "../steps/decrypt-tree.ts";
import { checkExpectation, deviations, EXPECTED_CHECK, type Expectation } from "../steps/deviation.ts";
import {
	COMMON_CHECKS,
	type CommonOptions,
	inputText,
	KEY_CHECKS,
	type KeyOptions,
	requireFormat,
	requireOption,
} from "../steps/input.ts";
import { readSealed, withDataKey } from "../steps/open.ts";

/** Options of {@link verifyDocument}. */
export interface VerifyOptions extends CommonOptions, Omit<KeyOptions, "ignoreMac"> {
	/** How the file should be encrypted, as a creation rule says. */
	readonly expected?: Expectation | undefined;
}

/** One thing that is wrong with a file. The code is that of the error with which reading it fails. */
export interface Problem {
	readonly code: ErrorCode | "rule-deviation";
	readonly message: string;
	/** Which value, where it is one. */
	readonly path?: Path;
}

/** What {@link verifyDocument} found. */
export interface Verification {
	/** Every value decrypts, the MAC fits, and the file is as expected. */
	readonly ok: boolean;
	readonly problems: readonly Problem[];
	readonly findings: readonly Finding[];
}

const { ignoreMac: _, ...VERIFY_KEY_CHECKS } = KEY_CHECKS;
export const VERIFY_CHECKS: Readonly<Record<string, Check>> = {
	...COMMON_CHECKS,
	...VERIFY_KEY_CHECKS,
	expected: EXPECTED_CHECK,
};

/**
 * Opens a file with its keys and tells everything that is wrong with it, without giving out any value: each value that
 * does not decrypt or stands in clear, the MAC, and how it deviates from its rule. What a file is when it cannot even
 * be read, or opened, is a problem like the others.
 *
 * @param input - the encrypted file as text or UTF-8 bytes
 * @throws SopsError `aborted`, `size-exceeded`, `selector-conflict` in `expected`
 * @throws UsageError for unknown options and wrong argument types
 */
export async function verifyDocument(
	input: string | Uint8Array,
	options: VerifyOptions,
): Promise<Verification> {
	const of = "verifyDocument()";
	checkOptions(of, options, VERIFY_CHECKS);
	const codec = requireFormat(of, options.format);
	requireOption(of, "providers", options.providers);
	checkExpectation(of, options.expected);
	throwIfAborted(options.signal);
	const problems: Problem[] = [];
	const findings: Finding[] = [];
	const report = (error: SopsError): void => {
		const path = "path" in error.details ? (error.details.path as Path) : undefined;
		problems.push({ code: error.code, message: error.message, ...(path && { path }) });
	};
	try {
		const text = inputText(of, input, envelopeOf(codec), options.maxBytes);
		const { branches, metadata, findings: read } = readSealed(text, codec, options.wideIntegers ?? "refuse");
		findings.push(...read);
		for (const { message } of options.expected === undefined ? [] : deviations(metadata, options.expected)) {
			problems.push({ code: "rule-deviation", message });
		}
		await withDataKey(metadata, options, (dataKey) =>
			decryptTree(branches, metadata, new Cipher(dataKey), false, findings, report),
		);
	} catch (thrown) {
		if (!isSopsError(thrown) || ["aborted", "size-exceeded"].includes(thrown.code)) throw thrown;
		report(thrown);
	}
	return { ok: problems.length === 0, problems, findings };
}
