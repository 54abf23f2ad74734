import { UsageError } from "@sopskit/core";

/** Says what an option must be when it is not. */
type Check = (value: unknown) => string | undefined;

const isObject: Check = (value) => (typeof value === "object" && value !== null ? undefined : "an object");
const isList: Check = (value) => (Array.isArray(value) ? undefined : "an array");
const isCount: Check = (value) =>
	Number.isInteger(value) && (value as number) > 0 ? undefined : "a whole number above 0";
const isPath: Check = (value) =>
	(typeof value === "string" && value !== "") || value instanceof URL ? undefined : "a path";
/** Whoever works with the option checks it. */
const isAnything: Check = () => undefined;

const SOPS_CHECKS: Readonly<Record<string, Check>> = {
	identities: isAnything,
	passphrase: isAnything,
	plugins: isAnything,
	environment: (value) => isObject(value) && "an object of variables, such as process.env",
	pgp: (value) => isObject(value) && "an object such as { privateKeys }",
	providers: (value) =>
		Array.isArray(value) && value.every((one) => typeof one?.masterKey === "function")
			? undefined
			: "an array of key providers, such as [age({ identities })]",
	keyGroups: isList,
	config: (value) =>
		value === true ||
		isPath(value) === undefined ||
		(isObject(value) === undefined && "stores" in (value as object))
			? undefined
			: "the path of a .sops.yaml, what loadConfig() gives, awaited, or true to look it up",
	decryptionOrder: isList,
	concurrency: isCount,
	dataKeyCache: (value) => isObject(value) && "an object such as { lifetimeMs: 60_000 }",
};

const FILES_CHECKS: Readonly<Record<string, Check>> = {
	cwd: isPath,
	concurrency: isCount,
	signal: (value) =>
		typeof (value as Partial<AbortSignal> | null)?.aborted === "boolean" ? undefined : "an AbortSignal",
	onProgress: (value) => (typeof value === "function" ? undefined : "a function"),
};

const dryRun: Check = (value) => (typeof value === "boolean" ? undefined : "true or false");

type Run = "decrypt()" | "encrypt()" | "updateKeys()";

/** What runs know by name; the operations check the values, of which a run over no file has none to do. */
const RUN_CHECKS: Readonly<Record<Run, Readonly<Record<string, Check>>>> = {
	"decrypt()": named(
		"format maxBytes wideIntegers providers decryptionOrder ignoreMac schema integers timestamps",
	),
	"encrypt()": {
		dryRun,
		...named("format maxBytes wideIntegers keyGroups shamirThreshold macOnlyEncrypted layout indent"),
		...named("unencryptedSuffix encryptedSuffix unencryptedRegex encryptedRegex"),
		...named("unencryptedCommentRegex encryptedCommentRegex"),
	},
	"updateKeys()": {
		dryRun,
		...named("format maxBytes wideIntegers providers decryptionOrder ignoreMac"),
		...named("keyGroups shamirThreshold rotate layout indent"),
	},
};

function named(words: string): Readonly<Record<string, Check>> {
	return Object.fromEntries(words.split(" ").map((word) => [word, isAnything]));
}

/** @throws UsageError `option-unknown`, `argument-invalid` */
export function checkSopsOptions(options: unknown): void {
	check("createSops()", options, SOPS_CHECKS);
}

/** @throws UsageError `option-unknown`, `argument-invalid` */
export function checkFilesOptions(options: unknown): void {
	check("files()", options, FILES_CHECKS);
}

/** @throws UsageError `option-unknown`, `argument-invalid` */
export function checkRunOptions(of: Run, options: unknown = {}): void {
	// Where everybody would look for it.
	if (isObject(options) === undefined && "signal" in (options as object))
		throw new UsageError("option-unknown", `${of} has no option "signal": give it to files().`);
	check(of, options, RUN_CHECKS[of]);
}

function check(of: string, options: unknown, checks: Readonly<Record<string, Check>>): void {
	if (isObject(options)) throw new UsageError("argument-invalid", `${of} takes an options object.`);
	for (const [name, value] of Object.entries(options as object)) {
		if (!Object.hasOwn(checks, name)) {
			// process.env in the place of the options would otherwise have its names repeated here.
			const known = Object.keys(checks).join(", ");
			const shown = /^[a-z]\w{0,40}$/.test(name) ? ` the option "${name}"` : " an option that it was given";
			throw new UsageError("option-unknown", `${of} does not know${shown}. It knows: ${known}.`);
		}
		const expected = value === undefined ? undefined : checks[name]!(value);
		if (expected !== undefined) {
			throw new UsageError("argument-invalid", `The option "${name}" of ${of} must be ${expected}.`);
		}
	}
}
