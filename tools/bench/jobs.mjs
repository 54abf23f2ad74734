// The measured jobs. `of`: the input; `action`: what is done with it; `inFlight`: for many files.

export const JOBS = [
	...["yaml", "json"].flatMap((of) => [
		{ name: `${of}: decrypt to data`, of, action: "data", rounds: 7 },
		{ name: `${of}: decrypt to text`, of, action: "text", rounds: 7 },
		{ name: `${of}: encrypt`, of, action: "encrypt", rounds: 7 },
	]),
	...[1, 8, 16].map((inFlight) => ({
		name: `1000 secrets: decrypt to data, ${inFlight === 1 ? "one at a time" : `${inFlight} in flight`}`,
		of: "secrets",
		action: "data",
		inFlight,
		rounds: 3,
	})),
	...[1, 8].map((inFlight) => ({
		name: `1000 secrets: encrypt, ${inFlight === 1 ? "one at a time" : `${inFlight} in flight`}`,
		of: "secrets",
		action: "encrypt",
		inFlight,
		rounds: 3,
	})),
];

/** Runs `work` on every item, `inFlight` at a time. */
export async function pool(items, inFlight, work) {
	let next = 0;
	const lane = async () => {
		while (next < items.length) await work(items[next++]);
	};
	await Promise.all(Array.from({ length: inFlight }, lane));
}
