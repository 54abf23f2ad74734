import type { Finding } from "../finding.ts";
import type { KeyRef, MasterKey } from "../keys/contract.ts";
import { planOf } from "../keys/plan.ts";
import type { Metadata } from "../metadata/metadata.ts";
import { type Check, checkOptions, isBoolean, isInteger, isObject } from "../options.ts";
import { DEFAULT_SELECTOR, type SelectorOptions } from "../selectors.ts";
import { MEMBERS_CHECK, SELECTOR_CHECKS } from "./input.ts";
import { selectorOf } from "./selector-option.ts";

/** How a file should be encrypted, as a creation rule says it. What is left out is not looked at. */
export interface Expectation extends SelectorOptions {
	readonly keyGroups?: readonly (readonly (KeyRef | MasterKey)[])[] | undefined;
	readonly shamirThreshold?: number | undefined;
	readonly macOnlyEncrypted?: boolean | undefined;
}

const EXPECTATION_CHECKS: Readonly<Record<string, Check>> = {
	...SELECTOR_CHECKS,
	keyGroups: MEMBERS_CHECK,
	shamirThreshold: isInteger,
	macOnlyEncrypted: isBoolean,
};

/** What it holds is checked by {@link checkExpectation}. */
export const EXPECTED_CHECK: Check = isObject;

/** @throws UsageError; SopsError `selector-conflict` */
export function checkExpectation(of: string, expected: Expectation | undefined): void {
	if (expected === undefined) return;
	checkOptions(`The option "expected" of ${of}`, expected, EXPECTATION_CHECKS);
	selectorOf(expected);
}

/** Where a file differs from what its rule says. */
export function deviations(metadata: Metadata, expected: Expectation): Finding[] {
	const found: string[] = [];
	const { keyGroups } = expected;
	if (keyGroups !== undefined) {
		const plan = planOf(metadata, { keyGroups });
		for (const [index, { added, removed }] of plan.groups.entries()) {
			const where = plan.groups.length > 1 ? ` in key group ${index + 1}` : "";
			for (const { type, id } of added) found.push(`it lacks ${type} ${id}${where}`);
			for (const { type, id } of removed)
				found.push(`it has ${type} ${id}${where}, which the rule does not name`);
		}
	}
	const threshold =
		metadata.groups.length > 1 ? metadata.shamirThreshold || metadata.groups.length : undefined;
	if (
		expected.shamirThreshold !== undefined &&
		threshold !== undefined &&
		threshold !== expected.shamirThreshold
	) {
		found.push(`it needs ${threshold} key groups, and not ${expected.shamirThreshold}`);
	}
	const wanted = selectorOf(expected);
	const selector = metadata.selector ?? DEFAULT_SELECTOR;
	if (wanted.name !== selector.name || wanted.value !== selector.value) {
		found.push(`its selector is ${selector.name} ${JSON.stringify(selector.value)}`);
	}
	if ((expected.macOnlyEncrypted ?? metadata.macOnlyEncrypted) !== metadata.macOnlyEncrypted) {
		found.push(`its MAC covers ${metadata.macOnlyEncrypted ? "encrypted values only" : "all values"}`);
	}
	return found.map((what) => ({
		code: "rule-deviation",
		message: `The file is not as its rule says: ${what}.`,
	}));
}
