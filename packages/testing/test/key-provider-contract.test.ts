import { randomBytes } from "node:crypto";
import { KeyError, type KeyProvider, UsageError } from "@sopskit/core";
import { describe, expect, it } from "vitest";
import { CLAUSES, ContractViolation, type KeyProviderSubject, testKeyProvider } from "../src/index.ts";
import { BROKEN } from "./broken-providers.ts";
import { memoryEntry, memoryProvider, memoryRef } from "./memory-provider.ts";

const part = new Uint8Array(randomBytes(32));

function subjectOf(
	breakIt: (good: KeyProvider, secret: string) => KeyProvider = (good) => good,
): KeyProviderSubject {
	const [secret, other] = [randomBytes(32).toString("hex"), randomBytes(32).toString("hex")];
	return {
		name: "memory",
		provider: () => breakIt(memoryProvider("mine", secret), secret),
		ref: memoryRef("mine"),
		stranger: () => breakIt(memoryProvider("theirs", other), other),
		strangerRef: memoryRef("theirs"),
		realEntry: { entry: memoryEntry("mine", secret, part), part },
		stalled: () => ({ key: stalledKey(true), enc: "memory:" }),
		canaries: [secret, other],
		environment: { MEMORY_SECRET: secret },
	};
}

function stalledKey(honoursSignal: boolean) {
	return {
		ref: memoryRef("mine"),
		unwrap: (_enc: string, { signal }: { signal?: AbortSignal }) =>
			new Promise<never>((_resolve, reject) => {
				if (honoursSignal)
					signal?.addEventListener("abort", () => reject(new KeyError("aborted", "aborted")));
			}),
	};
}

/** Runs the suite in a runner of our own, and gives for each clause what it threw. */
async function run(subject: KeyProviderSubject): Promise<ReadonlyMap<string, unknown>> {
	const tests: { readonly name: string; readonly check: () => Promise<void> }[] = [];
	testKeyProvider(
		{ describe: (_, define) => define(), it: (name, check) => tests.push({ name, check }) },
		subject,
	);
	const failures = new Map<string, unknown>();
	for (const { name, check } of tests) {
		await check().catch((error: unknown) => failures.set(name.slice(0, name.indexOf(":")), error));
	}
	return failures;
}

testKeyProvider({ describe, it }, subjectOf());

describe("a broken provider is noticed", () => {
	it.each(BROKEN.map((broken) => ({ ...broken, title: broken.fault })))("that $title", async (broken) => {
		const failures = await run(subjectOf(broken.breakIt));
		expect([...failures.keys()].toSorted()).toEqual([...broken.fails].toSorted());
		for (const error of failures.values()) expect(error).toBeInstanceOf(ContractViolation);
	});

	it("that ignores the signal while its backend stalls", async () => {
		const failures = await run({
			...subjectOf(),
			stalled: () => ({ key: stalledKey(false), enc: "memory:" }),
		});
		expect([...failures.keys()]).toEqual(["abort-stalled"]);
	});

	it("that holds the same key as the stranger", async () => {
		const subject = subjectOf();
		const failures = await run({ ...subject, stranger: subject.provider, strangerRef: subject.ref });
		expect([...failures.keys()]).toContain("not-mine");
	});

	it("by every clause there is", () => {
		const noticing = new Set(["abort-stalled", ...BROKEN.flatMap(({ fails }) => fails)]);
		expect(Object.keys(CLAUSES).filter((name) => !noticing.has(name))).toEqual([]);
	});
});

describe("the suite", () => {
	it("says nothing of a secret in its own violations", async () => {
		const subject = subjectOf(BROKEN.find(({ fault }) => fault === "puts the key into a message")!.breakIt);
		const failures = await run(subject);
		const text = [...failures.values()]
			.map((error) => `${(error as Error).message} ${(error as Error).stack}`)
			.join();
		for (const canary of subject.canaries) expect(text).not.toContain(canary);
	});

	it("leaves the environment as it was", async () => {
		const before = process.env;
		const copy = { ...before };
		await run(subjectOf());
		expect(process.env).toBe(before);
		expect({ ...process.env }).toEqual(copy);
	});

	it("wants a reason for a clause that is switched off, and a name that exists", () => {
		const define = (skip: object) => () => testKeyProvider({ it: () => {} }, { ...subjectOf(), skip });
		expect(define({ close: " " })).toThrow(UsageError);
		expect(define({ closing: "no such clause" })).toThrow("there is no clause closing");
		expect(define({ close: "has nothing to close" })).not.toThrow();
	});

	it("wants what a clause needs, or a reason", () => {
		const { realEntry: _, stalled: __, ...bare } = subjectOf();
		const define = (subject: KeyProviderSubject) => () => testKeyProvider({ it: () => {} }, subject);
		expect(define(bare)).toThrow('give the subject realEntry, or a reason in skip["real-entry"]');
		const skip = { "real-entry": "nothing else writes these", "abort-stalled": "works in the process" };
		expect(define({ ...bare, skip })).not.toThrow();
		expect(define({ ...bare, skip, canaries: [] })).toThrow("canaries");
		expect(define({ ...bare, skip, canaries: [""] })).toThrow("canaries");
		expect(define({ ...bare, skip, environment: {} })).toThrow("environment");
	});

	it("defines no test for a clause that is switched off, and names it with its reason in the titles", () => {
		const titles: string[] = [];
		const it = (title: string): number => titles.push(title);
		testKeyProvider({ it }, { ...subjectOf(), skip: { close: "has nothing to close" } });
		expect(titles).toHaveLength(Object.keys(CLAUSES).length - 1);
		const start = "memory; without close: has nothing to close: ";
		expect(titles.filter((title) => !title.startsWith(start))).toEqual([]);
		expect(titles.filter((title) => title.startsWith(`${start}close`))).toEqual([]);
	});
});
