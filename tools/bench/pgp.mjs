// Wrapping and unwrapping with OpenPGP keys, beside the Go library that the reference uses, in one run.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pool } from "./jobs.mjs";

const TYPES = ["curve25519", "rsa4096"];
const CALLS = 40;
const PASSES = 3;

/**
 * @param {import("@sopskit/reference").Oracle} oracle
 * @param {string} cache a folder for a ring file
 */
export async function measurePgp(oracle, cache) {
	const folder = mkdtempSync(join(cache, "bench-pgp-"));
	try {
		const rows = [];
		for (const type of TYPES) rows.push(...(await measureType(oracle, folder, type)));
		return rows;
	} finally {
		rmSync(folder, { recursive: true });
	}
}

async function measureType(oracle, folder, type) {
	const { generatePgpKey, pgp, pgpRef } = await import("@sopskit/pgp");
	const { privateKey, fingerprint } = await generatePgpKey({ type });
	const ring = join(folder, `${type}.gpg`);
	writeFileSync(ring, binaryOf(privateKey));
	const key = pgp({ privateKeys: privateKey }).masterKey(pgpRef(fingerprint));
	const part = crypto.getRandomValues(new Uint8Array(32));
	const enc = await key.wrap(part, {});

	const jobs = {
		wrap: [() => key.wrap(part, {}), { op: "pgpWrap", text: part }],
		unwrap: [() => key.unwrap(enc, {}), { op: "pgpUnwrap", text: enc }],
	};
	const rows = [];
	for (const [job, [ours, theirs]] of Object.entries(jobs)) {
		for (const inFlight of [1, 16]) {
			const target = { ...theirs, pgpFingerprint: fingerprint, pgpRing: ring };
			rows.push({
				name: `${type}: ${job}, ${inFlight === 1 ? "one at a time" : `${inFlight} in flight`}`,
				sopskit: await timeOurs(ours, inFlight),
				go: await timeGo(oracle, target, inFlight),
			});
		}
	}
	return rows;
}

/** Milliseconds for one call: the median of some passes, after one that warms up. */
async function timeOurs(work, inFlight) {
	const calls = Array.from({ length: CALLS });
	const times = [];
	for (let pass = 0; pass <= PASSES; pass++) {
		const start = performance.now();
		await pool(calls, inFlight, work);
		times.push((performance.now() - start) / CALLS);
	}
	return middleOf(times.slice(1));
}

async function timeGo(oracle, target, parallel) {
	const targets = Array.from({ length: CALLS }, () => target);
	const { nanoseconds } = await oracle.call("time", { targets, runs: PASSES + 1, parallel });
	return middleOf(nanoseconds.slice(1).map((time) => time / 1e6 / CALLS));
}

function middleOf(times) {
	return [...times].sort((a, b) => a - b)[times.length >> 1];
}

/** Armor is base64 between a blank line and a checksum. */
function binaryOf(armored) {
	const lines = armored.split(/\r?\n/);
	const body = lines.slice(lines.indexOf("") + 1).filter((line) => /^[A-Za-z0-9+/]/.test(line));
	return Buffer.from(body.join(""), "base64");
}
