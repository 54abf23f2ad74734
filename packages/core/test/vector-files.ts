import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Tree } from "@sopskit/reference";
import type { Variant } from "../../../tools/vectors/seed-cases.mjs";
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
	/** `text` before it was decoded: dotenv need not be UTF-8. */
	readonly bytes: Uint8Array;
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
	readonly encryptedBytes: Uint8Array;
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

/** The files of vectors/seeds: realistic ones, each encrypted in several ways. */
export const SEED_VECTORS: readonly Vector[] = (Object.keys(EXTENSIONS) as Format[]).flatMap((format) =>
	readdirSync(join(ROOT, "seeds", format)).flatMap((name) => readSeedVectors(format, name)),
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
		encryptedBytes: bytes(`encrypted.${extension}`),
		decryptedBytes: bytes(`decrypted.${extension}`),
		tree: JSON.parse(read("tree.json")),
		dataKey: Uint8Array.from(Buffer.from(recorded.dataKey, "base64")),
		keyGroups: recorded.keyGroups,
		shamirThreshold: recorded.shamirThreshold ?? 0,
		selectors: recorded.selectors,
		macOnlyEncrypted: recorded.macOnlyEncrypted,
		indent: recorded.indent,
		identities: recorded.identities,
		damaged: recorded.damaged.map((twin: { file: string }) => ({
			...twin,
			text: read(twin.file),
			bytes: bytes(twin.file),
		})),
	};
}

function readSeedVectors(format: Format, name: string): readonly Vector[] {
	const folder = join(ROOT, "seeds", format, name);
	const bytes = (file: string): Uint8Array => Uint8Array.from(readFileSync(join(folder, file)));
	const text = (of: Uint8Array): string => Buffer.from(of).toString("utf8");
	const recorded: SeedRecord = JSON.parse(text(bytes("case.json")));
	const plainBytes = bytes(`plain.${recorded.extension}`);
	return recorded.variants.map(({ asked, ...variant }) => {
		const encryptedBytes = bytes(`${asked.name}.${recorded.extension}`);
		const decryptedBytes = bytes(variant.decrypted);
		return {
			name: `seeds/${format}/${name}/${asked.name}`,
			format,
			plain: text(plainBytes),
			encrypted: text(encryptedBytes),
			decrypted: text(decryptedBytes),
			plainBytes,
			encryptedBytes,
			decryptedBytes,
			tree: JSON.parse(text(bytes(variant.tree))),
			dataKey: Uint8Array.from(Buffer.from(variant.dataKey, "base64")),
			keyGroups: variant.keyGroups,
			shamirThreshold: asked.shamirThreshold ?? 0,
			selectors: asked.selectors ?? {},
			macOnlyEncrypted: asked.macOnlyEncrypted ?? false,
			indent: asked.indent,
			identities: variant.identities,
			damaged: variant.damaged.map(({ at, remove, insert, ...twin }) => {
				const whole = Buffer.from(encryptedBytes);
				const changed = Uint8Array.from(
					Buffer.concat([whole.subarray(0, at), Buffer.from(insert, "latin1"), whole.subarray(at + remove)]),
				);
				return { ...twin, identities: variant.identities, bytes: changed, text: text(changed) };
			}),
		};
	});
}

/** case.json of vectors/seeds. */
interface SeedRecord {
	readonly extension: string;
	readonly variants: readonly {
		readonly asked: Variant;
		readonly keyGroups: readonly (readonly string[])[];
		readonly identities: readonly string[];
		/** Names of files. */
		readonly decrypted: string;
		readonly tree: string;
		readonly dataKey: string;
		readonly mac: string;
		readonly damaged: readonly {
			readonly name: string;
			readonly expect: ErrorCode;
			/** What the twin has in place of `remove` bytes at `at`. */
			readonly at: number;
			readonly remove: number;
			readonly insert: string;
		}[];
	}[];
}
