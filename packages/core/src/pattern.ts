import { RE2JS } from "re2js";

/** Patterns compiled lately: a repository has many files and few rules. */
const compiled = new Map<string, RE2JS | string>();
const MAX_COMPILED = 512;

/** A pattern of RE2, or what is wrong with it. */
export function compilePattern(source: string): RE2JS | string {
	const known = compiled.get(source);
	if (known !== undefined) return known;
	let pattern: RE2JS | string;
	try {
		pattern = RE2JS.compile(source);
	} catch (error) {
		pattern = error instanceof Error ? error.message.split("\n")[0]! : "it does not compile";
	}
	if (compiled.size >= MAX_COMPILED) compiled.clear();
	compiled.set(source, pattern);
	return pattern;
}
