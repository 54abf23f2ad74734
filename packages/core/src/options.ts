import { UsageError } from "./usage-error.ts";

/** Checks the value of one option; gives what it must be when it is not. */
export type Check = (value: unknown) => string | undefined;

export const isText: Check = (value) => (typeof value === "string" ? undefined : "a string");
export const isBoolean: Check = (value) => (typeof value === "boolean" ? undefined : "true or false");
export const isTexts: Check = (value) =>
	Array.isArray(value) && value.every((one) => typeof one === "string") ? undefined : "an array of strings";
export const isTextMap: Check = (value) =>
	typeof value === "object" &&
	value !== null &&
	!Array.isArray(value) &&
	Object.values(value).every((one) => typeof one === "string")
		? undefined
		: "an object of strings";
export const isSize: Check = (value) =>
	Number.isInteger(value) && (value as number) > 0 ? undefined : "a whole number above 0";
export const isInteger: Check = (value) => (Number.isInteger(value) ? undefined : "a whole number");
export const isObject: Check = (value) =>
	typeof value === "object" && value !== null && !Array.isArray(value) ? undefined : "an object";
/** Spaces per level; -1 is a tab in JSON. */
export const isIndent: Check = (value) =>
	Number.isInteger(value) && (value as number) >= -1 && (value as number) <= 64
		? undefined
		: "a whole number from -1 to 64";
export const isSignal: Check = (value) =>
	typeof (value as Partial<AbortSignal> | null)?.aborted === "boolean" ? undefined : "an AbortSignal";

export function isOneOf(...allowed: readonly string[]): Check {
	return (value) =>
		allowed.includes(value as string)
			? undefined
			: `one of ${allowed.map((word) => JSON.stringify(word)).join(", ")}`;
}

/**
 * Checks an options object against the names a function knows. A misspelt option that is passed over in
 * silence may be the one that should have encrypted something.
 *
 * @throws UsageError `option-unknown`, `argument-invalid`
 */
export function checkOptions(of: string, options: unknown, checks: Readonly<Record<string, Check>>): void {
	if (typeof options !== "object" || options === null || Array.isArray(options)) {
		throw new UsageError("argument-invalid", `${of} takes an options object.`);
	}
	for (const [name, value] of Object.entries(options)) {
		const check = Object.hasOwn(checks, name) ? checks[name] : undefined;
		if (check === undefined) {
			const names = Object.keys(checks);
			const near = names.find((known) => known.toLowerCase() === name.toLowerCase());
			const hint = near ? `Did you mean "${near}"?` : `It knows: ${names.join(", ")}.`;
			// A secret that strayed into the place of a name is not repeated.
			const shown = /^[a-z]\w{0,40}$/i.test(name) ? `the option "${name}"` : "an option that it was given";
			throw new UsageError("option-unknown", `${of} does not know ${shown}. ${hint}`);
		}
		if (value === undefined) continue;
		const expected = check(value);
		if (expected !== undefined)
			throw new UsageError("argument-invalid", `The option "${name}" of ${of} must be ${expected}.`);
	}
}
