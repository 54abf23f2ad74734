import { posix } from "node:path";
import type { Rule } from "@sopskit/reference";
import type { Destination, DestinationRule, RuleSettings } from "../src/config/config.ts";
import { parseConfig } from "../src/config/parse.ts";
import { resolveRule } from "../src/config/resolve.ts";
import { isSopsError, SopsError } from "../src/errors.ts";
import type { KeyProvider, KeyRef } from "../src/keys/contract.ts";

/** What is asked of a configuration, by whoever asks. */
export interface Question {
	readonly config: string;
	readonly file?: string;
	readonly kmsContext?: Readonly<Record<string, string>>;
	readonly destination?: boolean;
}

/** Where the configuration is; the reference's code is asked in a folder with the same end. */
export const HOME = "/repo/up/home";

/** The answer in the words of the reference, or the code of the refusal. */
export function answer(question: Question): { readonly rule: Rule } | { readonly code: string } {
	try {
		const config = parseConfig(question.config, {
			path: `${HOME}/.sops.yaml`,
			encryptionContext: question.kmsContext,
		});
		if (question.destination) return { rule: destinationOf(config.destinationRules[0]!) };
		const rule = resolveRule(config, posix.join(HOME, question.file ?? "secret.yaml"));
		return { rule: ruleOf(config.creationRules![rule.index]!) };
	} catch (thrown) {
		if (isSopsError(thrown)) return { code: thrown.code };
		throw thrown;
	}
}

function ruleOf(rule: RuleSettings): Rule {
	return {
		// The reference makes one group of no key where a rule names none.
		keyGroups: rule.keyGroups.length === 0 ? [[]] : rule.keyGroups.map((group) => [...group]),
		shamirThreshold: rule.shamirThreshold ?? 0,
		selectors: Object.fromEntries(rule.selectors.map(({ name, value }) => [name, value])),
		macOnlyEncrypted: rule.macOnlyEncrypted,
	};
}

function destinationOf({ destination, omitExtensions, recreation, problems }: DestinationRule): Rule {
	if (problems.length > 0) throw new SopsError("config-invalid", "two destinations", problems[0]!);
	return { ...ruleOf(recreation), omitExtensions, destination: pathOf(destination!) };
}

/** Where the reference would send a file called `name` (sops 3.13.3, publish). */
function pathOf(destination: Destination): string {
	if (destination.type !== "vault")
		return `${destination.type}://${destination.bucket}/${destination.prefix}name`;
	const { address, kvMountName, kvVersion, path } = destination;
	const data = kvVersion === 1 ? "" : "data/";
	return `${address || "https://127.0.0.1:8200"}/v1/${kvMountName || "secret/"}${data}${path}name`;
}

/** Wraps for every key, whatever its type. */
export const anyone: KeyProvider = {
	name: "anyone",
	masterKey: (ref: KeyRef) => ({ ref, wrap: async () => "wrapped" }),
};
