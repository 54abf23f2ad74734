import { KeyError } from "./contract.ts";

/**
 * Runs some work until it ends or the signal aborts, whichever is first: for providers whose library cannot be
 * stopped half-way. Aborted work runs on, and its result is dropped.
 *
 * @throws KeyError `aborted`; with an already aborted signal, the work is not begun
 */
export function untilAborted<T>(signal: AbortSignal | undefined, work: () => Promise<T>): Promise<T> {
	if (signal === undefined) return work();
	return new Promise((resolve, reject) => {
		// The signal's own reason is the caller's and may hold anything: it is not passed on.
		const abort = (): void => reject(new KeyError("aborted", "aborted by the caller"));
		if (signal.aborted) {
			abort();
			return;
		}
		signal.addEventListener("abort", abort, { once: true });
		// Before the caller goes on: a signal may outlive thousands of calls.
		const leave = (): void => signal.removeEventListener("abort", abort);
		work().then(
			(value) => {
				leave();
				resolve(value);
			},
			(error: unknown) => {
				leave();
				reject(error);
			},
		);
	});
}
