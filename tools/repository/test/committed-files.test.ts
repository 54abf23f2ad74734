import { execFileSync } from "node:child_process";
import { existsSync, readFileSync, statSync } from "node:fs";
import { basename, join } from "node:path";
import { expect, it } from "vitest";

const root = join(import.meta.dirname, "..", "..", "..");

// Written in pieces, for this file is committed too.
const hosts = [
	["registry", "npmjs", "org"],
	["registry", "yarnpkg", "com"],
	["registry", "npmmirror", "com"],
	["npm", "pkg", "github", "com"],
	["proxy", "golang", "org"],
	["sum", "golang", "org"],
].map((labels) => labels.join("."));

/** Folders that machines have and repositories do not. A word before the slash makes it part of some other path. */
const machinePath = new RegExp(
	`(?<![\\w.*<>{}-])/(?:${["work", "root", "home/\\w+", "Users/\\w+"].join("|")})/`,
);

const lockLine = /^\s*"?(?:resolved|tarball)"?\s*[:=]|[{,]\s*tarball:/;

function committedFiles(): string[] {
	const names = execFileSync("git", ["ls-files", "-z"], { cwd: root, encoding: "utf8" }).split("\0");
	return names.filter((name) => name && existsSync(join(root, name)) && statSync(join(root, name)).isFile());
}

function faults(name: string, text: string): string[] {
	const found: string[] = [];
	const isLock = /lock/.test(basename(name)) || basename(name) === ".npmrc";
	for (const [index, line] of text.split("\n").entries()) {
		const where = `${name}:${index + 1}`;
		for (const host of hosts) if (line.includes(host)) found.push(`${where} names ${host}`);
		if (machinePath.test(line)) found.push(`${where} names a path of a machine`);
		if (isLock && (lockLine.test(line) || /registry\s*=/.test(line)))
			found.push(`${where} names where a package came from`);
	}
	return found;
}

it("committed files name no registry host and no machine path", () => {
	const names = committedFiles();
	expect(names).toContain("package.json");
	const found = names.flatMap((name) => {
		const content = readFileSync(join(root, name));
		return content.includes(0) ? [] : faults(name, content.toString("utf8"));
	});
	expect(found).toEqual([]);
});

it("the check finds what it looks for", () => {
	const path = ["", "work", "x"].join("/");
	expect(faults("a.md", `see ${path}`)).toHaveLength(1);
	expect(faults("a.md", `file://${path}`)).toHaveLength(1);
	expect(faults("a.md", `https://example.org${path}`)).toEqual([]);
	expect(faults("a.md", `get it from ${hosts[0]}`)).toHaveLength(1);
	expect(faults("pnpm-lock.yaml", "  resolution: {integrity: x, tarball: y}")).toHaveLength(1);
	expect(faults("package-lock.json", '  "resolved": "x"')).toHaveLength(1);
});
