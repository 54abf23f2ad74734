import { looksSealed } from "../cipher.ts";
import type { Finding } from "../finding.ts";
import { envelopeOf, type Format } from "../formats/formats.ts";
import { throwIfAborted } from "../keys/call.ts";
import { encodeAnyBytes } from "../leaf/any-bytes.ts";
import { removedMetadata } from "../metadata/place.ts";
import { type Check, checkOptions } from "../options.ts";
import { DEFAULT_SELECTOR, Judge } from "../selectors.ts";
import {
	COMMON_CHECKS,
	type CommonOptions,
	inputText,
	LAYOUT_CHECKS,
	requireFormat,
} from "../steps/input.ts";
import { MASK } from "../steps/mask-text.ts";
import { readSealed } from "../steps/open.ts";
import { requireUtf8 } from "../steps/output.ts";
import { type Layout, render } from "../steps/render.ts";
import type { Change } from "../tree/change.ts";
import { type EntryNode, entry, type MapNode, scalar } from "../tree/tree.ts";
import { walk } from "../tree/walk.ts";

/** Options of {@link maskDocument}. */
export interface MaskOptions extends CommonOptions {
	/** `keep` (default): the author's text. `reference`: as `sops` would write it. */
	readonly layout?: Layout | undefined;
	/** Spaces per level for what is written anew. */
	readonly indent?: number | undefined;
}

export const MASK_CHECKS: Readonly<Record<string, Check>> = { ...COMMON_CHECKS, ...LAYOUT_CHECKS };

/** Says to people, in formats with comments, what a masked file is. */
const NOTICE =
	"masked by sopskit: no value that was encrypted is in this file, and it cannot be encrypted again";
const NOTICE_LINE: Readonly<Record<Format, string>> = {
	yaml: `# ${NOTICE}\n`,
	dotenv: `# ${NOTICE}\n`,
	ini: `; ${NOTICE}\n`,
	json: "",
	binary: "",
};
/** The notice of formats without comments: an entry that is true. */
const NOTICE_KEY = "sopskit_masked";

/** A file without its secrets. */
export class MaskedFile {
	/** How many values and comments were replaced. */
	readonly masked: number;
	readonly findings: readonly Finding[];
	readonly #text: string;
	readonly #format: string;

	/** @internal */
	constructor(text: string, masked: number, findings: readonly Finding[], format: string) {
		this.#text = text;
		this.masked = masked;
		this.findings = findings;
		this.#format = format;
	}

	/** @throws SopsError `text-not-utf8` */
	get text(): string {
		return requireUtf8(this.#text, this.#format);
	}

	/** The file as bytes. */
	get bytes(): Uint8Array {
		return encodeAnyBytes(this.#text);
	}
}

/**
 * An encrypted file with a fixed placeholder, `MASKED_BY_SOPSKIT`, for every secret, and without metadata, for places
 * that have no keys: previews, checks of manifests, comments of a bot. A comment at its top says what it is, in JSON an
 * entry `sopskit_masked`. Needs no keys. Values that should be encrypted and stand in clear are masked too.
 *
 * Encrypting a masked file is refused, so that it never takes the place of the real one.
 *
 * @param input - the encrypted file as text or UTF-8 bytes
 * @throws SopsError `not-encrypted`, `metadata-invalid`, `selector-conflict`, `aborted`, and those of reading the format
 * @throws UsageError for unknown options and wrong argument types
 */
export function maskDocument(input: string | Uint8Array, options: MaskOptions): MaskedFile {
	const of = "maskDocument()";
	checkOptions(of, options, MASK_CHECKS);
	throwIfAborted(options.signal);
	const codec = requireFormat(of, options.format);
	const envelope = envelopeOf(codec);
	const encrypted = inputText(of, input, envelope, options.maxBytes);
	const sealed = readSealed(encrypted, codec, options.wideIntegers ?? "refuse");
	const { file, branches, metadata, detached, findings } = sealed;
	const changes = removedMetadata(detached);
	let masked = 0;
	walk(branches, new Judge(metadata.selector ?? DEFAULT_SELECTOR), (node, place) => {
		const text = node.kind === "comment" ? node.text : node.leaf.value;
		const isSealed = typeof text === "string" && looksSealed(text);
		const isSecret = node.kind === "scalar" && place.encrypted && node.leaf.type !== "null" && text !== "";
		if (!isSealed && !isSecret) return node;
		masked++;
		if (node.kind === "scalar") node.leaf = { type: "str", value: MASK };
		const changed = node.kind === "comment" ? { ...node, text: MASK } : node;
		changes.push({ kind: "replace", node: changed });
		return changed;
	});
	if (codec.name === "json") changes.push(...branches.map(mark));
	// A binary file is nothing but its value.
	const layout = codec === envelope ? (options.layout ?? "keep") : "reference";
	const emitOptions = options.indent === undefined ? {} : { indent: options.indent };
	const text = render(codec, branches, layout, emitOptions, file, changes, findings);
	const start = text.startsWith("\uFEFF") ? 1 : 0;
	const marked = text.slice(0, start) + NOTICE_LINE[options.format] + text.slice(start);
	return new MaskedFile(marked, masked, findings, codec.name);
}

function mark(branch: MapNode): Change {
	const item: EntryNode = entry(NOTICE_KEY, scalar({ type: "bool", value: true }));
	const after = branch.entries[branch.entries.length - 1];
	branch.entries.push(item);
	return { kind: "insert", parent: branch, item, after };
}
