import { describe, expect, it } from "vitest";
import {
	addKeyGroup,
	decryptDocument,
	decryptObject,
	editDocument,
	encryptDocument,
	encryptionStatus,
	extractValue,
	float,
	formatOfPath,
	formatPath,
	inspectDocument,
	int,
	maskDocument,
	planEncryption,
	planKeyUpdate,
	rotateDocument,
	timestamp,
	updateDocument,
	updateKeys,
	verifyDocument,
} from "../src/index.ts";
import { CANARIES, encrypted, keyGroups, PLAIN, providers, SECRETS } from "./canary-file.ts";
import { misused } from "./refusal.ts";

type Call = (input: unknown, options: unknown) => unknown;
type Options = Readonly<Record<string, unknown>>;

interface Operation {
	readonly call: Call;
	readonly input: () => Promise<unknown>;
	/** Enough to work. */
	readonly options: Options;
	readonly required: readonly string[];
	/** Values of the wrong type, by option. */
	readonly wrong: Readonly<Record<string, readonly unknown[]>>;
}

const TEXT = [1, null, true, ["a"], {}];
const COMMON = {
	format: ["xml", "YAML", "", 1, null, "__proto__", ["yaml"]],
	maxBytes: ["1", 1.5, Number.NaN, null, 1n],
	wideIntegers: ["float", true, null],
	signal: ["x", 1, null, {}, true],
};
const KEYS = {
	providers: [null, "age", {}, [null], ["AGE-SECRET-KEY-1"], [{}], [[providers[0]]], providers[0]],
	decryptionOrder: ["age", null, {}],
	ignoreMac: ["yes", 1, null],
};
const DATA = {
	integers: ["int", 1, null],
	timestamps: ["Date", true, null],
	schema: [1, null, "x", {}, () => true],
};
const SELECTORS = {
	unencryptedSuffix: TEXT,
	encryptedSuffix: TEXT,
	unencryptedRegex: [...TEXT, /x/],
	encryptedRegex: [...TEXT, /x/],
	unencryptedCommentRegex: [...TEXT, /x/],
	encryptedCommentRegex: [...TEXT, /x/],
};
const WRONG_KEYS = [null, "age1", {}, ["age1"], [null], [{ ref: {} }]];
const WRONG_GROUPS = [null, "age1", {}, keyGroups[0], [["age1"]], [[null]], [[{ ref: {} }]]];
const LAYOUT = { layout: ["pretty", true, null], indent: ["4", 1.5, Number.NaN, null] };

const OPERATIONS: Readonly<Record<string, Operation>> = {
	decryptDocument: {
		call: decryptDocument as Call,
		input: () => encrypted("yaml"),
		options: { format: "yaml", providers },
		required: ["format", "providers"],
		wrong: { ...COMMON, ...KEYS, ...DATA },
	},
	encryptDocument: {
		call: encryptDocument as Call,
		input: async () => PLAIN.yaml,
		options: { format: "yaml", keyGroups },
		required: ["format", "keyGroups"],
		wrong: {
			...COMMON,
			...SELECTORS,
			...LAYOUT,
			keyGroups: [null, "age1", {}, keyGroups[0], [["age1"]], [[null]], [[{ ref: {} }]]],
			shamirThreshold: ["2", 1.5, null],
			macOnlyEncrypted: ["yes", 1, null],
		},
	},
	inspectDocument: {
		call: inspectDocument as Call,
		input: () => encrypted("yaml"),
		options: { format: "yaml" },
		required: ["format"],
		wrong: { ...COMMON, expected: [null, 1, [], "rule"] },
	},
	rotateDocument: {
		call: rotateDocument as Call,
		input: () => encrypted("yaml"),
		options: { format: "yaml", providers },
		required: ["format", "providers"],
		wrong: { ...COMMON, ...KEYS, ...LAYOUT, addKeys: WRONG_KEYS, removeKeys: ["age1", [1], null, {}] },
	},
	planKeyUpdate: {
		call: planKeyUpdate as Call,
		input: () => encrypted("yaml"),
		options: { format: "yaml", keyGroups },
		required: ["format", "keyGroups"],
		wrong: { ...COMMON, keyGroups: WRONG_GROUPS, shamirThreshold: ["2", 1.5, null] },
	},
	updateKeys: {
		call: updateKeys as Call,
		input: () => encrypted("yaml"),
		options: { format: "yaml", providers, keyGroups },
		required: ["format", "providers", "keyGroups"],
		wrong: {
			...{ ...COMMON, ...KEYS, ...LAYOUT },
			...{ keyGroups: WRONG_GROUPS, shamirThreshold: ["2", 1.5, null], rotate: ["no", 0, null] },
		},
	},
	addKeyGroup: {
		call: addKeyGroup as Call,
		input: () => encrypted("yaml"),
		options: { format: "yaml", providers, keyGroup: keyGroups[0] },
		required: ["format", "providers", "keyGroup"],
		wrong: {
			...{ ...COMMON, ...KEYS, ...LAYOUT },
			...{ keyGroup: WRONG_KEYS, shamirThreshold: ["2", 1.5, null], rotate: ["no", 0, null] },
		},
	},
	extractValue: {
		call: ((input, options) => extractValue(input as string, ["password"], options as never)) as Call,
		input: () => encrypted("yaml"),
		options: { format: "yaml", providers },
		required: ["format", "providers"],
		wrong: { ...COMMON, ...KEYS, integers: DATA.integers, timestamps: DATA.timestamps },
	},
	updateDocument: {
		call: ((input, options) => updateDocument(input as string, PLAIN.yaml, options as never)) as Call,
		input: () => encrypted("yaml"),
		options: { format: "yaml", providers },
		required: ["format", "providers"],
		wrong: { ...COMMON, ...KEYS, ...LAYOUT },
	},
	verifyDocument: {
		call: verifyDocument as Call,
		input: () => encrypted("yaml"),
		options: { format: "yaml", providers },
		required: ["format", "providers"],
		wrong: {
			...COMMON,
			...{
				providers: KEYS.providers,
				decryptionOrder: KEYS.decryptionOrder,
				expected: [null, 1, [], "rule"],
			},
		},
	},
	planEncryption: {
		call: planEncryption as Call,
		input: async () => PLAIN.yaml,
		options: { format: "yaml" },
		required: ["format"],
		wrong: { ...COMMON, ...SELECTORS },
	},
	encryptionStatus: {
		call: encryptionStatus as Call,
		input: () => encrypted("yaml"),
		options: { format: "yaml" },
		required: ["format"],
		wrong: COMMON,
	},
	maskDocument: {
		call: maskDocument as Call,
		input: () => encrypted("yaml"),
		options: { format: "yaml" },
		required: ["format"],
		wrong: { ...COMMON, ...LAYOUT },
	},
	decryptObject: {
		call: decryptObject as Call,
		input: async () => JSON.parse(await encrypted("json")),
		options: { providers },
		required: ["providers"],
		wrong: { ...KEYS, ...DATA },
	},
};

for (const [name, { call, input, options, required, wrong }] of Object.entries(OPERATIONS)) {
	describe(`${name}()`, () => {
		it("works with what it needs, and with every option undefined", async () => {
			await call(await input(), options);
			const unset = Object.fromEntries(Object.keys(wrong).map((option) => [option, undefined]));
			await call(await input(), { ...unset, ...options });
		});

		it("needs options", async () => {
			for (const none of [undefined, null, "yaml", 1, () => ({})]) {
				await misused(async () => call(await input(), none), "argument-invalid", SECRETS);
			}
			for (const option of required) {
				const { [option]: _, ...rest } = options;
				const error = await misused(async () => call(await input(), rest), "argument-invalid", SECRETS);
				expect(error.message).toContain(`"${option}"`);
			}
		});

		it("knows its options and no others", async () => {
			for (const option of ["passwd", "key", "constructor", "toString", "identities", "dataKey"]) {
				const more = { ...options, [option]: CANARIES.token };
				const error = await misused(async () => call(await input(), more), "option-unknown", SECRETS);
				expect(error.message).toContain(`"${option}"`);
				expect(error.message).toContain(`${name}()`);
				for (const known of Object.keys(wrong)) expect(error.message).toContain(known);
			}
			const own = JSON.parse('{"__proto__": 1}');
			await misused(async () => call(await input(), { ...options, ...own }), "option-unknown");
		});

		it("guesses what was meant", async () => {
			for (const option of Object.keys(wrong)) {
				const typo = option.toUpperCase();
				const error = await misused(
					async () => call(await input(), { ...options, [typo]: 1 }),
					"option-unknown",
				);
				expect(error.message).toContain(`Did you mean "${option}"?`);
			}
		});

		for (const [option, values] of Object.entries(wrong)) {
			it(`checks the type of ${option}`, async () => {
				for (const value of values) {
					const work = async () => call(await input(), { ...options, [option]: value });
					const error = await misused(work, "argument-invalid", SECRETS);
					expect(error.message).toContain(`"${option}"`);
					expect(error.message).toMatch(/must be/);
				}
			});
		}

		it("checks its input", async () => {
			const inputs = [undefined, null, 1, true, [], () => "a: 1", Symbol("x"), new Date(), 1n];
			for (const value of inputs) await misused(() => call(value, options), "argument-invalid", SECRETS);
			if (name === "decryptObject") {
				await misused(() => call("a: 1", options), "argument-invalid");
				await misused(() => call(new Uint8Array(2), options), "argument-invalid");
			} else {
				await misused(() => call({}, options), "argument-invalid");
				await misused(() => call(new ArrayBuffer(8), options), "argument-invalid");
				await misused(() => call(new Uint16Array(8), options), "argument-invalid");
			}
		});
	});
}

describe("decryptObject()", () => {
	it("takes nothing that a file cannot hold", async () => {
		const circle: Record<string, unknown> = {};
		circle.self = circle;
		for (const value of [undefined, () => 1, Symbol("x"), 2n ** 64n, new Date(Number.NaN), circle]) {
			const whole = { ...JSON.parse(await encrypted("json")), more: value };
			await misused(() => decryptObject(whole, { providers }), "argument-invalid", SECRETS);
		}
	});

	it("refuses maps, sets and class instances instead of taking them for empty objects", async () => {
		for (const value of [new Map([["a", 1]]), new Set([1]), /x/]) {
			await misused(() => decryptObject({ sops: {}, a: value }, { providers }), "argument-invalid");
		}
	});

	it("checks the type of signal", async () => {
		const whole = JSON.parse(await encrypted("json"));
		await misused(() => decryptObject(whole, { providers, signal: 1 as never }), "argument-invalid");
	});
});

describe("editDocument()", () => {
	const edit = editDocument as (input: unknown, options: unknown, change: unknown) => unknown;

	it("works with what it needs", async () => {
		const file = await editDocument(await encrypted("yaml"), { format: "yaml", providers }, (draft) => {
			draft.set(["password"], "new");
		});
		expect(file.changed).toBe(true);
	});

	it("checks options, input and the change", async () => {
		const text = await encrypted("yaml");
		const options = { format: "yaml", providers };
		const nothing = (): void => {};
		await misused(() => edit(text, undefined, nothing), "argument-invalid", SECRETS);
		await misused(() => edit(text, { providers }, nothing), "argument-invalid", SECRETS);
		await misused(() => edit(text, { format: "yaml" }, nothing), "argument-invalid", SECRETS);
		await misused(() => edit(text, { ...options, passwd: 1 }, nothing), "option-unknown", SECRETS);
		await misused(() => edit(text, { ...options, ignoreMAC: true }, nothing), "option-unknown", SECRETS);
		for (const value of [undefined, 1, {}, null]) {
			await misused(() => edit(value, options, nothing), "argument-invalid", SECRETS);
		}
	});

	it("checks that the change is a function", async () => {
		const text = await encrypted("yaml");
		for (const change of [undefined, 1, {}, null, "x"])
			await misused(() => edit(text, { format: "yaml", providers }, change), "argument-invalid", SECRETS);
	});

	it("a change that throws gives its own error, and no file", async () => {
		const own = new RangeError("mine");
		const work = encrypted("yaml").then((text) =>
			editDocument(text, { format: "yaml", providers }, (draft) => {
				draft.set(["password"], "new");
				throw own;
			}),
		);
		await expect(work).rejects.toBe(own);
	});
});

describe("a decrypted document", () => {
	const document = async () => decryptDocument(await encrypted("yaml"), { format: "yaml", providers });

	it("text() and bytes() check their options", async () => {
		const doc = await document();
		for (const method of ["text", "bytes"] as const) {
			const call = doc[method].bind(doc) as (options: unknown) => unknown;
			await misused(() => call({ formt: "yaml" }), "option-unknown", SECRETS);
			for (const options of [
				{ format: "xml" },
				{ layout: 1 },
				{ indent: "2" },
				{ indent: 0.5 },
				null,
				"yaml",
				1,
			])
				await misused(() => call(options), "argument-invalid", SECRETS);
		}
	});

	it("shows no secret when it is printed by accident", async () => {
		const { findSecrets } = await import("../../testing/src/secret-search.ts");
		const { inspect } = await import("node:util");
		const doc = await document();
		const shown = [
			`${doc}`,
			String(doc),
			JSON.stringify({ doc }),
			inspect(doc),
			inspect({ doc }, { showHidden: true, depth: 9 }),
		];
		expect(await findSecrets(shown, SECRETS)).toEqual([]);
		for (const text of shown) expect(text).toContain("secrets not shown");
		for (const name of Object.keys(doc)) expect(["format", "mac", "findings"]).toContain(name);
		expect(await findSecrets({ ...doc }, SECRETS)).toEqual([]);
		// The search would find them.
		expect(await findSecrets([doc.text()], SECRETS)).not.toEqual([]);
	});

	it("get() gives undefined where nothing is", async () => {
		const doc = await document();
		for (const path of [["x"], ["password", "x"], ["list", 9], ["list", -1], ["list", "0"], ["nested", 0]])
			expect(doc.get(path)).toBeUndefined();
		expect(doc.get(["password"], 1)).toBeUndefined();
		expect(doc.get(["list", 0])).toBe(CANARIES.listed);
	});

	it("get() checks the type of its path", async () => {
		const doc = await document();
		for (const path of ["password", undefined, 1, null])
			await misused(() => doc.get(path as never), "argument-invalid", SECRETS);
	});
});

describe("small functions", () => {
	it("int(), float(), timestamp() take what they hold and nothing else", async () => {
		for (const value of [1.5, "x", "", Number.NaN, 2n ** 63n, 2 ** 53, {}, null, undefined])
			await misused(() => int(value as never), "argument-invalid");
		for (const value of ["1", 1n, null, undefined, {}])
			await misused(() => float(value as never), "argument-invalid");
		for (const value of ["yesterday", "2024-01-05", 12, null, undefined, new Date(Number.NaN)])
			await misused(() => timestamp(value as never), "argument-invalid");
		expect([int(1), int("-9223372036854775808"), int(2n ** 63n - 1n)].map(({ leaf }) => leaf.value)).toEqual([
			"1",
			"-9223372036854775808",
			"9223372036854775807",
		]);
	});

	it("they do not repeat what they were given", async () => {
		await misused(() => int(CANARIES.token), "argument-invalid", SECRETS);
		await misused(() => timestamp(CANARIES.token), "argument-invalid", SECRETS);
	});

	it("formatOfPath() tells formats by the end of the name, and binary is the rest", async () => {
		const paths = ["a.yaml", "b/c.yml", "d.json", ".env", "prod.env", "a.ini"];
		expect(paths.map(formatOfPath)).toEqual(["yaml", "yaml", "json", "dotenv", "dotenv", "ini"]);
		for (const path of ["a.YAML", "yaml", "", "a.env.local", "key.pem", ".envrc"])
			expect(formatOfPath(path)).toBe("binary");
	});

	it("formatOfPath() and formatPath() check their argument", async () => {
		await misused(() => formatOfPath(1 as never), "argument-invalid");
		await misused(() => formatPath("a" as never), "argument-invalid");
	});
});

describe("numbers out of their range", () => {
	const encrypt = (options: object, format: "yaml" | "json" = "yaml") =>
		encryptDocument(PLAIN[format], { format, keyGroups, ...options });

	for (const shamirThreshold of [-1, 1, 3]) {
		it(`a threshold of ${shamirThreshold} for two groups`, async () => {
			const two = [keyGroups[0]!, keyGroups[0]!];
			await misused(() => encrypt({ keyGroups: two, shamirThreshold }), "argument-invalid");
		});
	}

	it("an indent below -1 in JSON", async () => {
		await misused(() => encrypt({ indent: -5 }, "json"), "argument-invalid");
	});

	it("an indent of a billion in JSON", async () => {
		await misused(() => encrypt({ indent: 1e9 }, "json"), "argument-invalid");
	});
});

it("knows a promise and a result in the place of a text", async () => {
	const options = { format: "yaml", providers } as const;
	const file = { text: "a: 1\n", bytes: new Uint8Array() };
	await expect(decryptDocument(Promise.resolve("a: 1\n") as never, options)).rejects.toThrow(
		/await it first/,
	);
	await expect(decryptDocument(file as never, options)).rejects.toThrow(/pass its text/);
});
