import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Tree } from "@sopskit/reference";
import type { ErrorCode } from "../src/errors.ts";
import type { Format } from "../src/formats/formats.ts";

const ROOT = join(import.meta.dirname, "..", "..", "..", "vectors");
const EXTENSIONS: Readonly<Record<Format, string>> = {
	yaml: "yaml",
	json: "json",
	dotenv: "env",
	ini: "ini",
	binary: "bin",
};

/** A copy of an encrypted file with one thing changed (vectors/README.md). */
export interface DamagedTwin {
	readonly name: string;
	readonly text: string;
	readonly expect: ErrorCode;
	/** Names of keys in vectors/keys. */
	readonly identities: readonly string[];
}

/** A file that the real `sops` wrote, with everything that is known about it. */
export interface Vector {
	/** Format and name, such as `yaml/comments`. */
	readonly name: string;
	readonly format: Format;
	readonly plain: string;
	readonly encrypted: string;
	readonly decrypted: string;
	readonly plainBytes: Uint8Array;
	readonly decryptedBytes: Uint8Array;
	readonly tree: Tree;
	readonly dataKey: Uint8Array;
	/** Recipients, by group. */
	readonly keyGroups: readonly (readonly string[])[];
	readonly shamirThreshold: number;
	readonly selectors: Readonly<Record<string, string>>;
	readonly macOnlyEncrypted: boolean;
	readonly indent: number | undefined;
	readonly identities: readonly string[];
	readonly damaged: readonly DamagedTwin[];
}

/** All vectors of the formats that core reads. */
export const VECTORS: readonly Vector[] = (Object.keys(EXTENSIONS) as Format[]).flatMap((format) =>
	readdirSync(join(ROOT, format)).map((name) => readVector(format, name)),
);

export function vector(name: string): Vector {
	const found = VECTORS.find((known) => known.name === name);
	if (found === undefined) throw new Error(`there is no vector ${name}`);
	return found;
}

/** The identity file of a key in vectors/keys. */
export function identityFile(name: string): string {
	return readFileSync(join(ROOT, "keys", `${name}.txt`), "utf8");
}

export function recipientOf(name: string): string {
	return /public key: (\S+)/.exec(identityFile(name))![1]!;
}

function readVector(format: Format, name: string): Vector {
	const read = (file: string): string => readFileSync(join(ROOT, format, name, file), "utf8");
	const bytes = (file: string): Uint8Array => Uint8Array.from(readFileSync(join(ROOT, format, name, file)));
	const recorded = JSON.parse(read("case.json"));
	const extension = EXTENSIONS[format];
	return {
		name: `${format}/${name}`,
		format,
		plain: read(`plain.${extension}`),
		encrypted: read(`encrypted.${extension}`),
		decrypted: read(`decrypted.${extension}`),
		plainBytes: bytes(`plain.${extension}`),
		decryptedBytes: bytes(`decrypted.${extension}`),
		tree: JSON.parse(read("tree.json")),
		dataKey: Uint8Array.from(Buffer.from(recorded.dataKey, "base64")),
		keyGroups: recorded.keyGroups,
		shamirThreshold: recorded.shamirThreshold ?? 0,
		selectors: recorded.selectors,
		macOnlyEncrypted: recorded.macOnlyEncrypted,
		indent: recorded.indent,
		identities: recorded.identities,
		damaged: recorded.damaged.map((twin: { file: string }) => ({ ...twin, text: read(twin.file) })),
	};
}
