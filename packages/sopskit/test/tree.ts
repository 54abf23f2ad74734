import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

const keys = join(import.meta.dirname, "..", "..", "..", "vectors", "keys");

/** The content of a published key file. */
export const keyFile = (name: "first" | "second" | "third" | "stranger"): string =>
	readFileSync(join(keys, `${name}.txt`), "utf8");
export const recipientOf = (name: Parameters<typeof keyFile>[0]): string => /age1\w+/.exec(keyFile(name))![0];

/** A folder of its own for one test, with files by their paths. */
export class Tree {
	readonly root: string = mkdtempSync(join(tmpdir(), "sopskit-tree-"));

	path(...parts: string[]): string {
		return join(this.root, ...parts);
	}

	write(files: Readonly<Record<string, string | Uint8Array>>): this {
		for (const [name, content] of Object.entries(files)) {
			mkdirSync(dirname(this.path(name)), { recursive: true });
			writeFileSync(this.path(name), content);
		}
		return this;
	}

	read(name: string): string {
		return readFileSync(this.path(name), "utf8");
	}

	/** Every file by its path, as text. */
	all(): Record<string, string> {
		const names = readdirSync(this.root, { recursive: true, withFileTypes: true })
			.filter((entry) => entry.isFile())
			.map((entry) => join(entry.parentPath, entry.name).slice(this.root.length + 1))
			.sort();
		return Object.fromEntries(names.map((name) => [name, this.read(name)]));
	}

	remove(): void {
		rmSync(this.root, { recursive: true });
	}
}
