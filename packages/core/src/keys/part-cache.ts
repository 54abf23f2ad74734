interface Kept {
	readonly part: Uint8Array;
	/** On the clock of `performance.now()`, which nobody sets. */
	readonly until: number;
}

/** Unwrapped parts by name: so many, for so long. What leaves is overwritten. */
export class PartCache {
	readonly #maxEntries: number;
	readonly #lifetimeMs: number;
	/** The one that was used last stands last. */
	readonly #kept = new Map<string, Kept>();
	#timer: ReturnType<typeof setTimeout> | undefined;
	#closed = false;

	constructor(maxEntries: number, lifetimeMs: number) {
		this.#maxEntries = maxEntries;
		this.#lifetimeMs = lifetimeMs;
	}

	/** An array of the caller's own. */
	copyOf(name: string): Uint8Array | undefined {
		const kept = this.#kept.get(name);
		if (kept === undefined) return undefined;
		if (kept.until <= performance.now()) {
			this.#forget(name, kept);
			return undefined;
		}
		this.#kept.delete(name);
		this.#kept.set(name, kept);
		return kept.part.slice();
	}

	/** Takes the array over: the caller does not touch it again. */
	keep(name: string, part: Uint8Array): void {
		if (this.#closed) {
			part.fill(0);
			return;
		}
		const former = this.#kept.get(name);
		if (former !== undefined) this.#forget(name, former);
		for (const [oldest, kept] of this.#kept) {
			if (this.#kept.size < this.#maxEntries) break;
			this.#forget(oldest, kept);
		}
		this.#kept.set(name, { part, until: performance.now() + this.#lifetimeMs });
		this.#timer ??= this.#wake(this.#lifetimeMs);
	}

	/** Forgets everything, and keeps nothing from now on. */
	close(): void {
		this.#closed = true;
		clearTimeout(this.#timer);
		for (const [name, kept] of this.#kept) this.#forget(name, kept);
	}

	#forget(name: string, kept: Kept): void {
		kept.part.fill(0);
		this.#kept.delete(name);
	}

	#wake(delayMs: number): ReturnType<typeof setTimeout> {
		const timer = setTimeout(() => {
			const now = performance.now();
			let next = Number.POSITIVE_INFINITY;
			for (const [name, kept] of this.#kept) {
				if (kept.until <= now) this.#forget(name, kept);
				else next = Math.min(next, kept.until);
			}
			this.#timer = this.#kept.size === 0 ? undefined : this.#wake(Math.ceil(next - now));
		}, delayMs);
		// Node and Deno give an object, browsers a number; a page needs no permission to end.
		(timer as { unref?: () => void }).unref?.();
		return timer;
	}
}
