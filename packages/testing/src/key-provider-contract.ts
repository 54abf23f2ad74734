import { UsageError } from "@sopskit/core";
import { CLAUSES, type ClauseName } from "./clause.ts";
import type { ClauseCheck } from "./clause-check.ts";
import { abortBefore } from "./clauses/abort-before.ts";
import { abortDuring } from "./clauses/abort-during.ts";
import { abortStalled } from "./clauses/abort-stalled.ts";
import { close } from "./clauses/close.ts";
import { concurrency } from "./clauses/concurrency.ts";
import { damagedEnc } from "./clauses/damaged-enc.ts";
import { foreignType } from "./clauses/foreign-type.ts";
import { freshPart } from "./clauses/fresh-part.ts";
import { freshRandomness } from "./clauses/fresh-randomness.ts";
import { inputPart } from "./clauses/input-part.ts";
import { masterKeyLookup } from "./clauses/master-key-lookup.ts";
import { noEnvironment } from "./clauses/no-environment.ts";
import { noSecretInErrors } from "./clauses/no-secret-in-errors.ts";
import { notMine } from "./clauses/not-mine.ts";
import { realEntry } from "./clauses/real-entry.ts";
import { roundTrip } from "./clauses/round-trip.ts";
import { unwrapAny } from "./clauses/unwrap-any.ts";
import { wrongKey } from "./clauses/wrong-key.ts";
import type { ContractRunner, KeyProviderSubject } from "./subject.ts";

const CHECKS: Readonly<Record<ClauseName, ClauseCheck>> = {
	"no-environment": noEnvironment,
	"master-key-lookup": masterKeyLookup,
	"foreign-type": foreignType,
	"round-trip": roundTrip,
	"fresh-randomness": freshRandomness,
	"real-entry": realEntry,
	"not-mine": notMine,
	"wrong-key": wrongKey,
	"damaged-enc": damagedEnc,
	"abort-before": abortBefore,
	"abort-during": abortDuring,
	"abort-stalled": abortStalled,
	concurrency,
	"fresh-part": freshPart,
	"input-part": inputPart,
	"no-secret-in-errors": noSecretInErrors,
	"unwrap-any": unwrapAny,
	close,
};

/**
 * Defines one test for each clause of the contract between sopskit and a key provider. Call it at the top
 * level of a test file, once for each provider. A clause that fails throws a `ContractViolation` that says
 * what was seen and what is demanded.
 *
 * What needs Node (reading of the environment, I/O of `masterKey()`, `util.inspect`) is checked where Node
 * is, and left out elsewhere. The environment is watched through `process.env`, while the first clause
 * runs: for code that an SDK runs when it is loaded, load the SDK on first use, or run the file alone.
 *
 * A clause that is switched off is no test, not even a skipped one: it and its reason stand in the title of
 * the others.
 *
 * @param runner - `it`, and `describe` if there is one, of any test runner
 * @throws UsageError `argument-invalid` if the subject lacks something that a clause needs and the clause
 * is not switched off, or if a clause is switched off without a reason; `option-unknown` if `skip` names no
 * clause
 */
export function testKeyProvider(runner: ContractRunner, subject: KeyProviderSubject): void {
	check(subject);
	const { describe, it } = runner;
	const off = Object.entries(subject.skip ?? {}).map(([name, reason]) => `without ${name}: ${reason}`);
	const title = [subject.name, ...off].join("; ");
	const define = (): void => {
		for (const name of Object.keys(CLAUSES) as ClauseName[]) {
			if (subject.skip?.[name] !== undefined) continue;
			const prefix = describe === undefined ? `${title}: ` : "";
			it(`${prefix}${name}: ${CLAUSES[name]}`, () => CHECKS[name](subject));
		}
	};
	if (describe === undefined) define();
	else describe(`key provider contract: ${title}`, define);
}

function check(subject: KeyProviderSubject): void {
	const { skip = {} } = subject;
	for (const [name, reason] of Object.entries(skip)) {
		if (!Object.hasOwn(CLAUSES, name))
			throw new UsageError("option-unknown", `skip: there is no clause ${name}`);
		if (typeof reason !== "string" || reason.trim() === "") {
			throw new UsageError("argument-invalid", `skip: say why the clause ${name} does not apply`);
		}
	}
	const needed: readonly (readonly [ClauseName, string, boolean])[] = [
		["real-entry", "realEntry", subject.realEntry !== undefined],
		["abort-stalled", "stalled", subject.stalled !== undefined],
		[
			"no-secret-in-errors",
			"canaries",
			subject.canaries.length > 0 && subject.canaries.every((text) => text !== ""),
		],
		["no-environment", "environment", Object.keys(subject.environment).length > 0],
	];
	for (const [name, field, given] of needed) {
		if (given || skip[name] !== undefined) continue;
		throw new UsageError("argument-invalid", `give the subject ${field}, or a reason in skip["${name}"]`);
	}
}
