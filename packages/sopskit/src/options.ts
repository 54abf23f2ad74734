import { UsageError } from "@sopskit/core";

/** Says what an option must be when it is not. */
type Check = (value: unknown) => string | undefined;

const isObject: Check = (value) => (typeof value === "object" && value !== null ? undefined : "an object");
const isList: Check = (value) => (Array.isArray(value) ? undefined : "an array");

const CHECKS: Readonly<Record<string, Check>> = {
	// age() checks what is for it, and each operation the providers and key groups that it is given.
	identities: () => undefined,
	passphrase: () => undefined,
	plugins: () => undefined,
	environment: (value) => isObject(value) && "an object of variables, such as process.env",
	pgp: (value) => isObject(value) && "an object such as { privateKeys }",
	providers: (value) =>
		Array.isArray(value) && value.every((one) => typeof one?.masterKey === "function")
			? undefined
			: "an array of key providers, such as [age({ identities })]",
	keyGroups: isList,
	decryptionOrder: isList,
	concurrency: (value) =>
		Number.isInteger(value) && (value as number) > 0 ? undefined : "a whole number above 0",
};

/** @throws UsageError `option-unknown`, `argument-invalid` */
export function checkSopsOptions(options: unknown): void {
	const of = "createSops()";
	if (isObject(options)) throw new UsageError("argument-invalid", `${of} takes an options object.`);
	for (const [name, value] of Object.entries(options as object)) {
		if (!Object.hasOwn(CHECKS, name)) {
			// process.env in the place of the options would otherwise have its names repeated here.
			const known = Object.keys(CHECKS).join(", ");
			const shown = /^[a-z]\w{0,40}$/.test(name) ? ` the option "${name}"` : " an option that it was given";
			throw new UsageError("option-unknown", `${of} does not know${shown}. It knows: ${known}.`);
		}
		const expected = value === undefined ? undefined : CHECKS[name]!(value);
		if (expected !== undefined) {
			throw new UsageError("argument-invalid", `The option "${name}" of ${of} must be ${expected}.`);
		}
	}
}
