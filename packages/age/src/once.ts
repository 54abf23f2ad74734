import { KeyError } from "@sopskit/core";

/**
 * Work that many callers wait for and that is done once. A result is kept; a failure is not, so the next caller
 * tries again. The work is ended when the last of those who wait has aborted.
 */
export function once<T>(
	work: (signal: AbortSignal) => Promise<T>,
): (signal: AbortSignal | undefined) => Promise<T> {
	let current:
		| { readonly result: Promise<T>; readonly end: AbortController; waiting: number; done: boolean }
		| undefined;
	const begin = (): NonNullable<typeof current> => {
		const end = new AbortController();
		const result = (async () => work(end.signal))();
		const begun = { result, end, waiting: 0, done: false };
		result.then(
			() => {
				begun.done = true;
			},
			() => {
				if (current === begun) current = undefined;
			},
		);
		return begun;
	};
	return async (signal) => {
		current ??= begin();
		const mine = current;
		mine.waiting++;
		let leave = (): void => {};
		const aborted = new Promise<never>((_, reject) => {
			if (signal === undefined) return;
			const abort = (): void => {
				mine.waiting--;
				if (mine.waiting === 0 && !mine.done) {
					mine.end.abort();
					if (current === mine) current = undefined;
				}
				reject(new KeyError("aborted", "aborted by the caller"));
			};
			if (signal.aborted) abort();
			else signal.addEventListener("abort", abort, { once: true });
			leave = () => signal.removeEventListener("abort", abort);
		});
		try {
			return await Promise.race([mine.result, aborted]);
		} finally {
			leave();
		}
	};
}
