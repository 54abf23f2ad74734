import { SopsError } from "../errors.ts";
import type { EmitOptions, FormatCodec } from "../formats/codec.ts";
import { envelopeOf } from "../formats/formats.ts";
import { decodeAnyBytes, encodeAnyBytes } from "../leaf/any-bytes.ts";
import { flatText } from "../leaf/flat.ts";
import { checkOptions } from "../options.ts";
import { type Path, pathOf } from "../path.ts";
import { inputText, requireFormat, requireOption } from "../steps/input.ts";
import { openRequest, openText } from "../steps/open.ts";
import { requireUtf8 } from "../steps/output.ts";
import { type Data, type DataOptions, toData } from "../tree/data.ts";
import { findValue } from "../tree/find.ts";
import type { ValueNode } from "../tree/tree.ts";
import { DECRYPT_CHECKS, type DecryptOptions } from "./decrypt.ts";
import { nothingAt } from "./set-value.ts";

const INSPECT = Symbol.for("nodejs.util.inspect.custom");
const REDACTED = "[ExtractedValue: secret not shown; use .data, .text() or .bytes()]";

/** One value of a decrypted file. Printing it by accident shows nothing. */
export class ExtractedValue {
	readonly #codec: FormatCodec;
	readonly #value: ValueNode;
	readonly #path: Path;
	readonly #options: DataOptions;

	/** @internal */
	constructor(codec: FormatCodec, value: ValueNode, path: Path, options: DataOptions) {
		this.#codec = codec;
		this.#value = value;
		this.#path = path;
		this.#options = options;
		Object.defineProperty(this, INSPECT, { value: () => REDACTED });
	}

	/** As plain JavaScript. @throws SopsError `integer-unsafe` */
	get data(): Data {
		return toData(this.#value, this.#options, this.#path);
	}

	/**
	 * What `sops --extract` prints: a text as it is, anything else as the file's format writes it.
	 *
	 * @throws SopsError `text-not-utf8`, `value-unsupported`
	 */
	text(): string {
		return requireUtf8(this.#written(), this.#codec.name);
	}

	/** {@link text} in UTF-8, or exactly the bytes that were encrypted where they are not. */
	bytes(): Uint8Array {
		return encodeAnyBytes(this.#written());
	}

	#written(): string {
		const value = this.#value;
		const options: EmitOptions = {};
		if (value.kind === "map") return this.#codec.emit([value], options);
		if (value.kind === "scalar" && (value.leaf.type === "str" || this.#codec.emitValue === undefined)) {
			const text = flatText(value.leaf);
			return typeof text === "string" ? text : decodeAnyBytes(text);
		}
		if (this.#codec.emitValue !== undefined) return this.#codec.emitValue(value, options);
		throw new SopsError("value-unsupported", `A ${this.#codec.name} file cannot hold a list.`, {
			path: this.#path,
			found: "a list",
		});
	}

	toString(): string {
		return REDACTED;
	}

	toJSON(): string {
		return REDACTED;
	}
}

/**
 * One value of an encrypted file (`sops decrypt --extract`). The whole file is verified before it is given out.
 *
 * @param input - the encrypted file as text or UTF-8 bytes
 * @param path - keys and positions, or text as `sops` takes it: `["data"]["list"][0]`; in the first document. Positions
 * count data, where the reference counts comments too
 * @throws SopsError as `decryptDocument`; `path-not-found`
 * @throws UsageError for unknown options and wrong argument types
 */
export async function extractValue(
	input: string | Uint8Array,
	path: Path | string,
	options: Omit<DecryptOptions, "schema">,
): Promise<ExtractedValue> {
	const of = "extractValue()";
	const { schema: _, ...checks } = DECRYPT_CHECKS;
	checkOptions(of, options, checks);
	const codec = requireFormat(of, options.format);
	requireOption(of, "providers", options.providers);
	const at = pathOf(path);
	const text = inputText(of, input, envelopeOf(codec), options.maxBytes);
	const { branches } = await openText(text, openRequest(codec, options));
	const value = findValue(branches[0]!, at);
	if (value === undefined) throw nothingAt(at);
	return new ExtractedValue(codec, value, at, {
		integers: options.integers ?? "number",
		timestamps: options.timestamps ?? "text",
	});
}
