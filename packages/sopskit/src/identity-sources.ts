import { type AgeOptions, age } from "@sopskit/age";
import { identitiesFromEnvironment } from "@sopskit/age/node";
import { type Finding, isSopsError, type KeyProvider, SopsError } from "@sopskit/core";
import type { Environment } from "./environment.ts";

/** Where age identities were looked for, and with what success. Holds no identity. */
export interface IdentitySources {
	/**
	 * How many identities the environment gave, a command or an encrypted key file being one; those that were passed
	 * as `identities` are not counted.
	 */
	readonly identities: number;
	/**
	 * One `source-unusable` for each source that is named and could not be used; for `sources()` also for variables of key
	 * services, such as `AZURE_AUTH_METHOD`, which nothing reads any more.
	 */
	readonly findings: readonly Finding[];
	/** Variables and paths that were looked at and had no identity. */
	readonly notFound: readonly string[];
}

/** The age provider with what the environment adds to the identities that were passed. */
export interface AgeSource {
	readonly provider: KeyProvider;
	readonly sources: IdentitySources;
}

/** @param options - what was passed to `createSops()` for age */
export async function ageFrom(
	{ identities, passphrase, plugins }: AgeOptions,
	environment: Environment | undefined,
): Promise<AgeSource> {
	const given = identities === undefined ? [] : [identities].flat();
	const aids = { passphrase, plugins };
	if (environment === undefined) {
		return {
			provider: age({ identities: given, ...aids }),
			sources: { identities: 0, findings: [], notFound: [] },
		};
	}
	const found = await identitiesFromEnvironment(environment, aids);
	return {
		provider: age({ identities: [...given, ...found.identities], ...aids }),
		sources: { identities: found.identities.length, findings: found.findings, notFound: found.notFound },
	};
}

/** Adds to "no key opens this file" where identities were looked for: mostly that is what went wrong. */
export function explainSources(thrown: unknown, sources: IdentitySources): unknown {
	if (!isSopsError(thrown, "data-key-unavailable")) return thrown;
	const lines = [
		...sources.findings.map(({ message }) => `  - ${message}`),
		...sources.notFound.map((source) => `  - ${source}: no identity there`),
	];
	if (lines.length === 0) return thrown;
	const message = `${thrown.message}\nWhere age identities were looked for without success:\n${lines.join("\n")}`;
	return new SopsError(thrown.code, message, thrown.details);
}
