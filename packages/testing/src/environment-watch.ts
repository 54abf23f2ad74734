/** Reads that belong to the runtime and to test runners, not to a provider. */
const RUNTIME = /^(NODE_|WATCH_REPORT_DEPENDENCIES$|UNDICI_|VITEST|VITE_|JEST_|FORCE_COLOR$|NO_COLOR$)/;

/**
 * Runs an action with some variables set, and records which variables are read meanwhile through
 * `process.env`. The variables are set in the real environment too, so that code that kept a reference to
 * it from before acts on them. Where there is no `process.env`, the action just runs.
 *
 * @returns name of each variable that was read, with the place that read it
 */
export async function watchEnvironment(
	variables: Readonly<Record<string, string>>,
	action: () => Promise<void>,
): Promise<ReadonlyMap<string, string>> {
	const reads = new Map<string, string>();
	const { process } = globalThis as { process?: { env?: Record<string, string | undefined> } };
	const original = process?.env;
	if (process === undefined || original === undefined) {
		await action();
		return reads;
	}
	const record = (name: string | symbol): void => {
		if (typeof name === "string" && !RUNTIME.test(name) && !reads.has(name)) reads.set(name, reader());
	};
	const before = Object.fromEntries(Object.keys(variables).map((name) => [name, original[name]]));
	Object.assign(original, variables);
	process.env = new Proxy(original, {
		get(target, name) {
			record(name);
			return Reflect.get(target, name);
		},
		has(target, name) {
			record(name);
			return Reflect.has(target, name);
		},
		getOwnPropertyDescriptor(target, name) {
			record(name);
			return Reflect.getOwnPropertyDescriptor(target, name);
		},
		ownKeys(target) {
			record("(all names)");
			return Reflect.ownKeys(target);
		},
	});
	try {
		await action();
	} finally {
		process.env = original;
		for (const [name, value] of Object.entries(before)) {
			if (value === undefined) delete original[name];
			else original[name] = value;
		}
	}
	return reads;
}

/** The first line of the stack outside this file. */
function reader(): string {
	const lines = (new Error().stack ?? "").split("\n").slice(1);
	return (lines.find((line) => !/environment-watch|Proxy|Reflect/.test(line)) ?? "").trim();
}
