/** A seeded source of choices: the same seed gives the same documents on every machine. */
export class Random {
	private state: number;

	constructor(seed: number) {
		this.state = seed >>> 0 || 1;
	}

	/** For one of many documents of a seed. */
	static of(seed: number, number: number): Random {
		const random = new Random(Math.imul(seed, 0x9e3779b1) ^ Math.imul(number + 1, 0x85ebca6b));
		// The first numbers of a new generator resemble those of its neighbours.
		for (let i = 0; i < 16; i++) random.int(2);
		return random;
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
