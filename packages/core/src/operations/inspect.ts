import { looksSealed } from "../cipher.ts";
import type { Finding } from "../finding.ts";
import { envelopeOf, type Format } from "../formats/formats.ts";
import { throwIfAborted } from "../keys/call.ts";
import type { KeyRef } from "../keys/contract.ts";
import type { Metadata } from "../metadata/metadata.ts";
import { type Check, checkOptions } from "../options.ts";
import { DEFAULT_SELECTOR, Judge, type Selector } from "../selectors.ts";
import { checkExpectation, deviations, EXPECTED_CHECK, type Expectation } from "../steps/deviation.ts";
import { COMMON_CHECKS, type CommonOptions, inputText, requireFormat } from "../steps/input.ts";
import { readSealed } from "../steps/open.ts";
import { walk } from "../tree/walk.ts";

/** One stored key of a file. */
export interface InspectedKey extends KeyRef {
	/** When the entry was made, RFC 3339; types that store no time have none. */
	readonly createdAt?: string;
}

/** What an encrypted file says without any key. */
export interface Inspection {
	readonly format: Format;
	/** How many documents the file holds. */
	readonly documents: number;
	/** Version of the tool that wrote it. */
	readonly version: string;
	/** RFC 3339. */
	readonly lastModified: string;
	readonly macPresent: boolean;
	readonly macOnlyEncrypted: boolean;
	/** What decides which values are encrypted; the default when the file names nothing. */
	readonly selector: Selector;
	readonly groups: readonly (readonly InspectedKey[])[];
	/** How many groups are needed; 1 for one group. */
	readonly shamirThreshold: number;
	/** Values and comments that are encrypted. */
	readonly encryptedValues: number;
	/** Values that are in clear because the selector says so. */
	readonly clearValues: number;
	/** What is wrong or unusual, such as a value in clear in an encrypted place. */
	readonly findings: readonly Finding[];
}

/** Options of {@link inspectDocument}. */
export interface InspectOptions extends CommonOptions {
	/** How the file should be encrypted, as a creation rule says; each deviation is a finding. */
	readonly expected?: Expectation | undefined;
}

export const INSPECT_CHECKS: Readonly<Record<string, Check>> = { ...COMMON_CHECKS, expected: EXPECTED_CHECK };

/** Days after which an entry of a master key should be renewed (sops 3.13.3, `NeedsRotation` of the key sources). */
const OLD_KEY_DAYS = 30 * 6;

/**
 * Looks at an encrypted file without keys: who can read it, what is encrypted, what looks wrong. It verifies
 * nothing: whoever can change the file can change all of this.
 *
 * @throws SopsError `not-encrypted`, `metadata-invalid`, `selector-conflict`, `aborted`, and those of reading the format
 * @throws UsageError for unknown options and wrong argument types
 */
export function inspectDocument(input: string | Uint8Array, options: InspectOptions): Inspection {
	const of = "inspectDocument()";
	checkOptions(of, options, INSPECT_CHECKS);
	checkExpectation(of, options.expected);
	throwIfAborted(options.signal);
	const codec = requireFormat(of, options.format);
	const text = inputText(of, input, envelopeOf(codec), options.maxBytes);
	const sealed = readSealed(text, codec, options.wideIntegers ?? "refuse");
	const { branches, metadata } = sealed;
	const findings: Finding[] = [
		...sealed.findings,
		...oldKeys(metadata, new Date()),
		...(options.expected === undefined ? [] : deviations(metadata, options.expected)),
	];
	const judge = new Judge(metadata.selector ?? DEFAULT_SELECTOR);
	if (judge.invalid !== undefined) {
		findings.push({
			code: "selector-invalid",
			message: `The selector ${judge.selector.name} is not a regular expression of RE2, and so matches nothing.`,
		});
	}
	let encryptedValues = 0;
	let clearValues = 0;
	walk(branches, judge, (node, place) => {
		const text = node.kind === "comment" ? node.text : node.leaf.value;
		const sealed = typeof text === "string" && looksSealed(text);
		if (sealed && place.encrypted) encryptedValues++;
		else if (node.kind === "scalar" && node.leaf.type !== "null" && text !== "") {
			if (!place.encrypted) clearValues++;
			else {
				findings.push({
					code: "value-not-encrypted",
					message: "A value is in clear where it must be encrypted.",
					path: place.path(),
				});
			}
		}
		return node;
	});
	return {
		format: options.format,
		documents: branches.length,
		version: metadata.version,
		lastModified: metadata.lastModified,
		macPresent: metadata.mac !== "",
		macOnlyEncrypted: metadata.macOnlyEncrypted,
		selector: judge.selector,
		groups: metadata.groups.map((group) =>
			group.map(({ ref, createdAt }) => (createdAt === undefined ? ref : { ...ref, createdAt })),
		),
		shamirThreshold: metadata.groups.length === 1 ? 1 : Math.max(2, metadata.shamirThreshold),
		encryptedValues,
		clearValues,
		findings,
	};
}

function oldKeys(metadata: Metadata, now: Date): Finding[] {
	return metadata.groups.flat().flatMap(({ ref, createdAt }) => {
		const days =
			createdAt === undefined ? 0 : Math.floor((now.getTime() - Date.parse(createdAt)) / 86_400_000);
		if (!(days > OLD_KEY_DAYS)) return [];
		return [
			{
				code: "key-old" as const,
				message: `The entry of ${ref.type} ${ref.id} was made ${days} days ago. Rotate the file to renew it.`,
			},
		];
	});
}
