/**
 * What async_hooks calls the operations that leave the process. Timers, promises and thread-pool crypto are
 * none.
 */
const IO =
	/^(FS|FILEHANDLE|STATWATCHER|TCP|PIPE|UDP|GETADDRINFO|GETNAMEINFO|DNS|QUERY|HTTP|TLS|PROCESSWRAP|WORKER)/;

const SYNCHRONOUS = {
	"node:fs": [
		"readFileSync",
		"openSync",
		"existsSync",
		"statSync",
		"readdirSync",
		"accessSync",
		"writeFileSync",
	],
	"node:child_process": ["execSync", "execFileSync", "spawnSync"],
} as const;

/**
 * Runs a synchronous action and records the input and output it does: what it starts and leaves running,
 * found by async_hooks, and the common synchronous functions of `node:fs` and `node:child_process`. Where
 * these modules are not there, nothing is recorded.
 */
export async function watchIo<T>(
	action: () => T,
): Promise<{ readonly result: T; readonly seen: readonly string[] }> {
	const seen: string[] = [];
	const hooks = await load<typeof import("node:async_hooks")>("node:async_hooks");
	const restore = await replaceSynchronous((name) => void seen.push(name));
	if (hooks === undefined) {
		try {
			return { result: action(), seen };
		} finally {
			restore();
		}
	}
	// The store follows everything that the action starts, also what starts after it returned.
	const ours = new hooks.AsyncLocalStorage<true>();
	const hook = hooks.createHook({
		init(_id, type) {
			if (IO.test(type) && ours.getStore() === true) seen.push(type);
		},
	});
	hook.enable();
	try {
		let result: T;
		try {
			result = ours.run(true, action);
		} finally {
			restore();
		}
		await new Promise<void>((resolve) => {
			setTimeout(resolve, 25);
		});
		return { result, seen };
	} finally {
		hook.disable();
	}
}

async function replaceSynchronous(record: (name: string) => void): Promise<() => void> {
	const module = await load<typeof import("node:module")>("node:module");
	if (module === undefined) return () => {};
	const undo: (() => void)[] = [];
	for (const [name, functions] of Object.entries(SYNCHRONOUS)) {
		const builtIn = (await load<{ default: Record<string, unknown> }>(name))?.default;
		if (builtIn === undefined) continue;
		for (const functionName of functions) {
			const original = builtIn[functionName] as (...parameters: unknown[]) => unknown;
			builtIn[functionName] = (...parameters: unknown[]) => {
				record(functionName);
				return original(...parameters);
			};
			undo.push(() => {
				builtIn[functionName] = original;
			});
		}
	}
	// Lets `import { readFileSync }` see the replacement, and later the original again.
	module.syncBuiltinESMExports();
	return () => {
		for (const step of undo) step();
		module.syncBuiltinESMExports();
	};
}

async function load<T>(name: string): Promise<T | undefined> {
	try {
		return (await import(name)) as T;
	} catch {
		return undefined;
	}
}
