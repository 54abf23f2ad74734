/// <reference lib="es2024.string" />
import { SopsError } from "../errors.ts";
import type { Finding } from "../finding.ts";
import type { EmitOptions, FormatCodec, ParsedFile } from "../formats/codec.ts";
import { codecOf, FORMATS, type Format } from "../formats/formats.ts";
import { encodeAnyBytes } from "../leaf/any-bytes.ts";
import { checkOptions, isIndent, isOneOf } from "../options.ts";
import { checkPath, type Path } from "../path.ts";
import { requireDocuments, requireUtf8 } from "../steps/output.ts";
import { LAYOUTS, type Layout, render } from "../steps/render.ts";
import type { Change } from "../tree/change.ts";
import { type Data, type DataOptions, toData } from "../tree/data.ts";
import { findValue } from "../tree/find.ts";
import type { Branches } from "../tree/tree.ts";

/** What `console.log` of Node asks for. Not a method: declarations could not name it. */
const INSPECT = Symbol.for("nodejs.util.inspect.custom");
const REDACTED = "[DecryptedDocument: secrets not shown; use .data, .get() or .text()]";

export interface TextOptions {
	/** Write another format than the one that was read. */
	readonly format?: Format | undefined;
	/** `reference` (default): what `sops --decrypt` prints. `keep`: the author's text, with the values in clear. */
	readonly layout?: Layout | undefined;
	/** Spaces per level in the reference's layout; for JSON -1 is a tab. */
	readonly indent?: number | undefined;
}

/** What a document is made of; built by operations only. */
export interface DecryptedParts {
	readonly codec: FormatCodec;
	readonly file: ParsedFile;
	readonly branches: Branches;
	/** Everything whose text differs from the encrypted file; asked for by layout `keep` only. */
	readonly changes: () => readonly Change[];
	readonly findings: readonly Finding[];
	readonly mac: "verified" | "ignored";
	readonly dataOptions: DataOptions;
}

/**
 * A decrypted file. Its secrets are in private fields: `console.log(doc)`, `${doc}` and `JSON.stringify(doc)`
 * show none. Ask for them by name.
 *
 * @typeParam T - the type of {@link data}; that of the schema when one was given
 */
export class DecryptedDocument<T = Data> {
	readonly format: Format;
	/** `ignored` only when the caller passed `ignoreMac`. */
	readonly mac: "verified" | "ignored";
	readonly #findings: Finding[];
	readonly #parts: DecryptedParts;
	#documents: readonly T[] | undefined;

	/** @internal */
	constructor(parts: DecryptedParts, documents?: readonly T[]) {
		this.format = parts.codec.name as Format;
		this.mac = parts.mac;
		this.#findings = [...parts.findings];
		this.#parts = parts;
		this.#documents = documents;
		Object.defineProperty(this, INSPECT, { value: () => REDACTED });
	}

	/** Warnings as data; they name places, never values. {@link text} adds one when it cannot keep the layout. */
	get findings(): readonly Finding[] {
		return this.#findings;
	}

	/**
	 * The content as plain JavaScript.
	 *
	 * @throws SopsError `documents-several` when the file holds more than one (use {@link documents}); `integer-unsafe`
	 */
	get data(): T {
		const { documents } = this;
		if (documents.length === 1) return documents[0]!;
		throw new SopsError(
			"documents-several",
			`The file holds ${documents.length} documents. Use .documents, a list with the data of each.`,
			{ count: documents.length },
		);
	}

	/** The content of every document. @throws SopsError `integer-unsafe` */
	get documents(): readonly T[] {
		this.#documents ??= this.#parts.branches.map((branch) => toData(branch, this.#parts.dataOptions) as T);
		return this.#documents;
	}

	/**
	 * One value as plain JavaScript, or `undefined`.
	 *
	 * @param path - keys and positions, such as `["stringData", "password"]`; positions count data, not comments
	 * @param document - which document of the file, from 0
	 */
	get(path: Path, document = 0): Data | undefined {
		const branch = this.#parts.branches[document];
		const value = branch === undefined ? undefined : findValue(branch, checkPath(path));
		return value === undefined ? undefined : toData(value, this.#parts.dataOptions, path);
	}

	/**
	 * The plaintext.
	 *
	 * @throws SopsError `text-not-utf8` when it is not UTF-8 (use {@link bytes}); `value-unsupported`, `path-not-found`,
	 * `documents-several` for what another format cannot hold
	 */
	text(options: TextOptions = {}): string {
		return requireUtf8(this.#write("text()", options), options.format ?? this.format);
	}

	#write(of: string, options: TextOptions): string {
		checkOptions(of, options, {
			format: isOneOf(...FORMATS),
			layout: isOneOf(...LAYOUTS),
			indent: isIndent,
		});
		const { branches, file, changes } = this.#parts;
		const codec = options.format === undefined ? this.#parts.codec : codecOf(options.format);
		const emitOptions: EmitOptions = options.indent === undefined ? {} : { indent: options.indent };
		if (options.layout === "keep" && codec === this.#parts.codec && codec.envelope === undefined) {
			const fallback: Finding[] = [];
			const text = render(codec, branches, "keep", emitOptions, file, changes(), fallback);
			if (this.findings.every(({ code }) => code !== "layout-not-kept")) this.#findings.push(...fallback);
			return text;
		}
		requireDocuments(codec, branches);
		const text = codec.emit(branches, emitOptions);
		return codec.content === "any" ? text : text.toWellFormed();
	}

	/**
	 * The plaintext as bytes: what {@link text} gives in UTF-8, and exactly the bytes that were encrypted where they are
	 * not UTF-8.
	 *
	 * @throws SopsError as {@link text}, without `text-not-utf8`
	 */
	bytes(options: TextOptions = {}): Uint8Array {
		return encodeAnyBytes(this.#write("bytes()", options));
	}

	toString(): string {
		return REDACTED;
	}

	toJSON(): string {
		return REDACTED;
	}
}
