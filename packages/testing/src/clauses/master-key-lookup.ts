import type { KeyFields, KeyProvider, KeyRef } from "@sopskit/core";
import type { ClauseCheck } from "../clause-check.ts";
import { ContractViolation, demand } from "../contract-violation.ts";
import { watchIo } from "../io-watch.ts";
import { kindOf } from "../outcome.ts";

export const masterKeyLookup: ClauseCheck = async (subject) => {
	const provider = await subject.provider();
	const { result: key, seen } = await watchIo(() =>
		lookUp(provider, subject.ref, "the ref of the provider's key"),
	);
	demand(seen.length === 0, `masterKey() did I/O: ${[...new Set(seen)].join(", ")}`);
	demand(key !== undefined, "masterKey() gave undefined for the provider's key");
	demand(
		key.ref?.type === subject.ref.type && key.ref.id === subject.ref.id,
		"masterKey() gave a key with another ref: type and id must stay",
	);
	for (const [what, ref] of malformed(subject.ref)) lookUp(provider, ref, what);
};

function lookUp(provider: KeyProvider, ref: KeyRef, what: string): ReturnType<KeyProvider["masterKey"]> {
	let key: ReturnType<KeyProvider["masterKey"]>;
	try {
		key = provider.masterKey(ref);
	} catch (error) {
		throw new ContractViolation(
			`masterKey() threw ${kindOf(error)} for ${what}: it must give a key or undefined`,
		);
	}
	demand(
		key === undefined || (typeof key === "object" && key !== null && !("then" in key)),
		`masterKey() gave neither a key nor undefined for ${what}`,
	);
	return key;
}

/** Refs of the right type that a damaged or hostile file can lead to. */
function* malformed(ref: KeyRef): Generator<readonly [string, KeyRef]> {
	const { type } = ref;
	yield ["a ref without fields", { type, id: "", fields: {} }];
	yield ["a ref whose fields are missing", { type, id: "" } as KeyRef];
	const values: Record<string, KeyFields[string]> = {
		empty: "",
		blank: " \t\r\n",
		"control characters": "\u0000\u001b[2J\u202e",
		"not Unicode": "\ud800",
		"of 100 000 characters": "a1:/".repeat(25_000),
		"a path": "../../../etc/passwd",
		"a map": { __proto__x: "y" },
	};
	for (const [what, value] of Object.entries(values)) {
		const fields = Object.fromEntries(Object.keys(ref.fields).map((name) => [name, value]));
		yield [`a ref whose fields are ${what}`, { type, id: String(value), fields }];
	}
	for (const wrong of [null, 1, true, []]) {
		const fields = Object.fromEntries(Object.keys(ref.fields).map((name) => [name, wrong]));
		yield ["a ref whose fields are no texts", { type, id: "", fields: fields as never }];
	}
}
