/** A seeded source of choices: the same seed gives the same documents on every machine. */
export class Random {
	private state: number;

	constructor(seed: number) {
		this.state = seed >>> 0 || 1;
	}

	/** A whole number in `[0, below)`. */
	int(below: number): number {
		// xorshift32
		let x = this.state;
		x ^= x << 13;
		x ^= x >>> 17;
		x ^= x << 5;
		this.state = x >>> 0;
		return this.state % below;
	}

	chance(percent: number): boolean {
		return this.int(100) < percent;
	}

	pick<T>(values: readonly T[]): T {
		return values[this.int(values.length)]!;
	}
}
