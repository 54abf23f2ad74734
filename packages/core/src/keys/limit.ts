import { type KeyCall, KeyError } from "./contract.ts";

/**
 * Runs a call to a service until it ends, its time is up or the caller's signal aborts, whichever is first. The
 * work gets a signal of its own that aborts in both cases, for its sockets; that it obeys is not waited for. A part
 * that arrives too late is overwritten.
 *
 * @param call - with the caller's signal, if there is one
 * @param timeoutMs - milliseconds for all of the work, with its retries
 * @throws KeyError `aborted` (with an already aborted signal, the work is not begun), `timeout`, and what the work
 * throws
 */
export function limited<T>(
	call: KeyCall,
	timeoutMs: number,
	work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
	return new Promise((resolve, reject) => {
		const own = new AbortController();
		let ended = false;
		const end = (settle: () => void): void => {
			if (ended) return;
			ended = true;
			clearTimeout(timer);
			// At once: a caller's signal may outlive thousands of calls.
			call.signal?.removeEventListener("abort", abort);
			settle();
		};
		const stop = (error: KeyError): void =>
			end(() => {
				reject(error);
				own.abort();
			});
		// The signal's own reason is the caller's and may hold anything: it is not passed on.
		const abort = (): void => stop(new KeyError("aborted", "aborted by the caller"));
		const timer = setTimeout(
			() => stop(new KeyError("timeout", `no answer within ${timeoutMs} ms; try again later`)),
			timeoutMs,
		);
		if (call.signal?.aborted) {
			abort();
			return;
		}
		call.signal?.addEventListener("abort", abort, { once: true });
		work(own.signal).then(
			(value) => {
				if (ended && value instanceof Uint8Array) value.fill(0);
				end(() => resolve(value));
			},
			(error: unknown) => end(() => reject(error)),
		);
	});
}
