import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Exchange } from "../servers/exchanges.ts";

/** A file of vectors/exchanges (vectors/README.md). */
export interface ExchangeVector {
	readonly sops: string;
	readonly server: string;
	readonly command: readonly string[];
	readonly environment: Readonly<Record<string, string>>;
	readonly format: "yaml" | "json" | "dotenv" | "ini" | "binary";
	readonly plain: string;
	readonly encrypted: string;
	/** Those of decrypting. */
	readonly exchanges: readonly Exchange[];
	readonly twins: readonly ExchangeTwin[];
}

/** The same file with one thing replaced, which `sops` refused. */
export interface ExchangeTwin {
	readonly name: string;
	readonly replace: readonly [text: string, by: string];
	readonly outcome: string;
	readonly exchanges: readonly Exchange[];
}

/** @param service - `aws-kms` or `hc-vault` */
export function exchangeVectors(service: string): readonly (readonly [name: string, ExchangeVector])[] {
	const folder = join(process.cwd(), "vectors", "exchanges", service);
	return readdirSync(folder)
		.sort()
		.map((file) => [file.replace(/\.json$/, ""), JSON.parse(readFileSync(join(folder, file), "utf8"))]);
}
