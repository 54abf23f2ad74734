import { KeyError } from "./contract.ts";

interface Waiter<Result> {
	readonly resolve: (result: Result) => void;
	readonly reject: (thrown: unknown) => void;
	readonly forgetSignal: () => void;
}

interface Running<Result> {
	readonly waiters: Set<Waiter<Result>>;
	/** Aborts when nobody waits any more. */
	readonly controller: AbortController;
}

/** How a call is made, and what becomes of its result. */
export interface SharedWork<Result> {
	ask(signal: AbortSignal): Promise<Result>;
	/** What one who waits gets; runs for all of them before anything else does. */
	copy(result: Result): Result;
	/** Whose the result is after that; `dropped` when nobody waited for it. */
	settle(result: Result, dropped: boolean): void;
}

/** Calls under way, by name. Whoever asks for a name meanwhile waits for the same call. */
export class SharedCalls<Result> {
	readonly #running = new Map<string, Running<Result>>();

	/** @throws KeyError `aborted` for a signal that aborts while waiting; others wait on. And what the call throws */
	join(name: string, signal: AbortSignal | undefined, work: SharedWork<Result>): Promise<Result> {
		const running = this.#running.get(name) ?? this.#start(name, work);
		return new Promise((resolve, reject) => {
			const leave = (): void => {
				running.waiters.delete(waiter);
				reject(new KeyError("aborted", "aborted by the caller"));
				if (running.waiters.size > 0) return;
				this.#end(name, running);
				running.controller.abort();
			};
			const waiter: Waiter<Result> = {
				resolve,
				reject,
				forgetSignal: () => signal?.removeEventListener("abort", leave),
			};
			running.waiters.add(waiter);
			signal?.addEventListener("abort", leave, { once: true });
		});
	}

	#start(name: string, work: SharedWork<Result>): Running<Result> {
		const running: Running<Result> = { waiters: new Set(), controller: new AbortController() };
		this.#running.set(name, running);
		// Not before those who asked wait.
		Promise.resolve()
			.then(() => work.ask(running.controller.signal))
			.then(
				(result) => {
					this.#end(name, running);
					for (const { forgetSignal } of running.waiters) forgetSignal();
					for (const waiter of running.waiters) waiter.resolve(work.copy(result));
					work.settle(result, running.waiters.size === 0);
				},
				(thrown) => {
					this.#end(name, running);
					for (const { forgetSignal } of running.waiters) forgetSignal();
					for (const waiter of running.waiters) waiter.reject(thrown);
				},
			);
		return running;
	}

	#end(name: string, running: Running<Result>): void {
		// After an abort there may be another call of the name.
		if (this.#running.get(name) === running) this.#running.delete(name);
	}
}
