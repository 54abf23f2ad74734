import { envelopeOf } from "../formats/formats.ts";
import { removedMetadata } from "../metadata/place.ts";
import { type Check, checkOptions, isOneOf } from "../options.ts";
import {
	COMMON_CHECKS,
	type CommonOptions,
	inputText,
	KEY_CHECKS,
	type KeyOptions,
	requireFormat,
	requireOption,
} from "../steps/input.ts";
import { type OpenedFile, openRequest, openText } from "../steps/open.ts";
import { type StandardSchemaV1, validate } from "../steps/schema.ts";
import type { Change } from "../tree/change.ts";
import type { Data, DataOptions } from "../tree/data.ts";
import { toData } from "../tree/data.ts";
import type { Branches, ListNode, MapNode } from "../tree/tree.ts";
import { UsageError } from "../usage-error.ts";
import { DecryptedDocument } from "./decrypted-document.ts";

/** Options of {@link decryptDocument}. */
export interface DecryptOptions<S extends StandardSchemaV1 | undefined = undefined>
	extends CommonOptions,
		KeyOptions {
	/** Validates `data` (of a file with one document) and gives it the schema's type. */
	readonly schema?: S;
	/** How integers become data; `number` by default. */
	readonly integers?: DataOptions["integers"] | undefined;
	/** How timestamps become data; `text` by default. */
	readonly timestamps?: DataOptions["timestamps"] | undefined;
}

export const DATA_CHECKS: Readonly<Record<"integers" | "timestamps" | "schema", Check>> = {
	integers: isOneOf("number", "bigint", "mixed"),
	timestamps: isOneOf("text", "date"),
	schema: (value: unknown): string | undefined =>
		(typeof value === "object" || typeof value === "function") && value !== null && "~standard" in value
			? undefined
			: "a schema of a library that implements Standard Schema",
};

export const DECRYPT_CHECKS: Readonly<Record<string, Check>> = {
	...COMMON_CHECKS,
	...KEY_CHECKS,
	...DATA_CHECKS,
};

/** The type of `data` for a schema, or plain data without one. */
export type DataOf<S> = S extends StandardSchemaV1 ? StandardSchemaV1.InferOutput<S> : Data;

/**
 * Decrypts a file that SOPS encrypted, and verifies it: nothing is given out before the MAC fits.
 *
 * @example
 * ```ts
 * const doc = await decryptDocument(text, { format: "yaml", providers: [age({ identities })] });
 * doc.data;
 * ```
 * @param input - the encrypted file as text or UTF-8 bytes
 * @throws SopsError `not-encrypted`, `metadata-invalid`, `selector-conflict`, `data-key-unavailable`,
 * `value-damaged`, `value-not-encrypted`, `mac-missing`, `mac-damaged`, `mac-mismatch`, `schema-mismatch`,
 * `aborted`, `size-exceeded`, and those of reading the format: `syntax-invalid`, `document-empty`,
 * `root-not-mapping`, `key-not-string`, `key-duplicate`, `integer-out-of-range`, `depth-exceeded`, `alias-limit-exceeded`
 * @throws UsageError for unknown options and wrong argument types
 */
export async function decryptDocument<S extends StandardSchemaV1 | undefined = undefined>(
	input: string | Uint8Array,
	options: DecryptOptions<S>,
): Promise<DecryptedDocument<DataOf<S>>> {
	const of = "decryptDocument()";
	checkOptions(of, options, DECRYPT_CHECKS);
	const codec = requireFormat(of, options.format);
	requireOption(of, "providers", options.providers);
	const text = inputText(of, input, envelopeOf(codec), options.maxBytes);
	const opened = await openText(text, openRequest(codec, options));
	return finishDecryption(opened, codec, options);
}

/** Turns an opened file into the document that users get. */
export async function finishDecryption<S extends StandardSchemaV1 | undefined>(
	opened: OpenedFile,
	codec: ReturnType<typeof requireFormat>,
	options: Pick<DecryptOptions<S>, "schema" | "integers" | "timestamps" | "ignoreMac">,
): Promise<DecryptedDocument<DataOf<S>>> {
	const dataOptions: DataOptions = {
		integers: options.integers ?? "number",
		timestamps: options.timestamps ?? "text",
	};
	const { file, branches, findings } = opened;
	let documents: DataOf<S>[] | undefined;
	if (options.schema !== undefined) {
		if (branches.length !== 1) {
			throw new UsageError(
				"argument-invalid",
				`The option "schema" fits files with one document; this one has ${branches.length}.`,
			);
		}
		documents = [(await validate(options.schema, toData(branches[0]!, dataOptions))) as DataOf<S>];
	}
	const changes = (): Change[] => [...decryptedNodes(branches), ...removedMetadata(opened.detached)];
	const mac = options.ignoreMac ? "ignored" : "verified";
	return new DecryptedDocument({ codec, file, branches, changes, findings, mac, dataOptions }, documents);
}

/** Everything whose text differs from the encrypted file. */
function decryptedNodes(branches: Branches): Change[] {
	const changes: Change[] = [];
	const pending: (MapNode | ListNode)[] = [...branches];
	for (let node = pending.pop(); node !== undefined; node = pending.pop()) {
		for (const child of node.kind === "map" ? node.entries : node.items) {
			const item = child.kind === "entry" ? child.value : child;
			if (item.kind === "scalar" || item.kind === "comment") {
				if (item.sealed !== undefined) changes.push({ kind: "replace", node: item });
			} else pending.push(item);
		}
	}
	return changes;
}
