import { readFileSync } from "node:fs";
import { join, posix } from "node:path";
import { describeReference } from "@sopskit/reference/suite";
import { describe, expect, it } from "vitest";
import { type ConfigCase, configCases } from "../../../tools/vectors/config-cases.mjs";
import { type Recorded, recordConfig } from "../../../tools/vectors/record-config.mjs";
import { parseConfig } from "../src/config/parse.ts";
import { resolveRule } from "../src/config/resolve.ts";
import { formatOfPath } from "../src/formats/formats.ts";
import { bindKeyGroups } from "../src/keys/bind.ts";
import { encryptDocument } from "../src/operations/encrypt.ts";
import { answer, anyone, HOME } from "./config-answer.ts";

type Truth = ConfigCase & { readonly reference: Recorded };

const CASES = join(import.meta.dirname, "..", "..", "..", "vectors", "config", "cases.json");

const recorded: readonly Truth[] = JSON.parse(readFileSync(CASES, "utf8"));

describe("configurations whose truth is recorded", () => {
	it("are those of the list, and more than sixty were asked of the command", () => {
		expect(recorded.map(({ reference, ...made }) => made)).toEqual(JSON.parse(JSON.stringify(configCases)));
		expect(new Set(recorded.map(({ name }) => name)).size).toBe(recorded.length);
		expect(recorded.filter(({ reference }) => reference.command !== undefined).length).toBeGreaterThan(60);
	});

	for (const made of recorded) {
		const { code } = made.reference;
		it(`${made.name}: ${made.code ?? "the rule is that of sops"}`, () => {
			const ours = answer(made);
			if (made.code !== undefined) {
				expect(ours).toEqual({ code: made.code });
				const refuses = !("rule" in code) || code.rule === null;
				expect(refuses ? undefined : made.differs).toBe(made.differs);
				if (
					made.differs === "command" &&
					made.reference.command !== undefined &&
					made.name !== "stores: negative"
				)
					expect(made.reference.command).toEqual({ refused: 1 });
				if (!refuses) expect(made.differs).toMatch(/^(?:00\d\d|command)$/);
			} else if ("rule" in code) {
				// With one group the reference passes on a threshold that means nothing.
				const several = code.rule!.keyGroups.length > 1;
				expect(ours).toEqual({
					rule: { ...code.rule, shamirThreshold: several ? code.rule!.shamirThreshold : 0 },
				});
			} else throw new Error("the reference refuses, and the case names no code");
		});
	}

	it("indents are those of sops", () => {
		for (const { config, code, reference } of recorded) {
			if (code !== undefined || !("rule" in reference.code)) continue;
			const { yaml, json, binary } = parseConfig(config).stores;
			expect({ yaml: yaml.indent ?? 0, json: json.indent ?? -1, binary: binary.indent ?? -1 }).toEqual(
				reference.code.indents,
			);
		}
	});

	for (const { name, config, file = "secret.yaml", code, reference } of recorded) {
		const { command } = reference;
		if (command === undefined || code !== undefined) continue;
		it(`${name}: a file is encrypted as the command does`, async () => {
			const parsed = parseConfig(config, { path: `${HOME}/.sops.yaml` });
			const rule = resolveRule(parsed, posix.join(HOME, file));
			const encrypt = () => {
				const outputFormat = formatOfPath(file);
				return encryptDocument('{"a": {"b": 1}}', {
					format: "json",
					outputFormat,
					keyGroups: bindKeyGroups(rule.keyGroups, [anyone]),
					...rule.options,
					...rule.stores[outputFormat],
				});
			};
			if ("refused" in command) {
				await expect(encrypt()).rejects.toMatchObject({ code: "keys-missing" });
				return;
			}
			const { text } = await encrypt();
			const again = await encryptDocument('{"a": {"b": 1}}', {
				format: "json",
				keyGroups: bindKeyGroups(rule.keyGroups, [anyone]),
				...rule.options,
			});
			const { sops } = JSON.parse(again.text);
			const recipients = (group: { age?: { recipient: string }[] }) =>
				(group.age ?? []).map((key) => key.recipient);
			expect(sops.key_groups ? sops.key_groups.map(recipients) : [recipients(sops)]).toEqual(
				command.recipients,
			);
			expect(sops.mac_only_encrypted).toBe(command.macOnlyEncrypted);
			const [[selector, value]] = Object.entries(command.selectors) as [[string, string]];
			expect(sops[selector]).toBe(value);
			expect(/^([ \t]+)\S/m.exec(text)?.[1]).toBe(command.indent);
			const ignored = rule.findings.some(({ path }) => path?.at(-1) === "shamir_threshold");
			expect(sops.shamir_threshold).toBe(ignored ? undefined : command.shamirThreshold);
		});
	}
});

describeReference("the record of configurations", (reference) => {
	for (const { name, reference: truth, ...made } of recorded) {
		it(`${name}: sops says so`, async () => {
			expect(await recordConfig(reference, { name, ...made })).toEqual(truth);
		});
	}
});
