// Wrapping and unwrapping one entry, for each kind of key, beside the reference: one at a time, and 16 under way.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { pool } from "./jobs.mjs";

const IN_FLIGHT = 16;
const CALLS = { x25519: 500, hybrid: 50, "ssh-ed25519": 300, "ssh-rsa": 100 };
const part = new Uint8Array(32).fill(7);

/** @returns rows of { kind, action, times: { name: milliseconds for one } } */
export async function measureKeys(root, oracle, rounds) {
	const { age, generateIdentity, recipient } = await import("@sopskit/age");
	const { sshIdentity } = await import("@sopskit/age/node");
	const keys = join(root, "packages/age/test/keys");
	const ssh = (name) => {
		const text = readFileSync(join(keys, name), "utf8");
		return {
			recipient: readFileSync(join(keys, `${name}.pub`), "utf8").trim(),
			text,
			identities: sshIdentity(text),
		};
	};
	const native = async (type) => {
		const { recipient, identity } = await generateIdentity({ type });
		return { recipient, text: identity, identities: identity };
	};
	const kinds = {
		x25519: await native("x25519"),
		hybrid: await native("hybrid"),
		"ssh-ed25519": ssh("ed25519"),
		"ssh-rsa": ssh("rsa"),
	};
	const rows = [];
	for (const [kind, { recipient: to, text, identities }] of Object.entries(kinds)) {
		const key = recipient(to);
		const enc = await key.wrap(part, {});
		const mine = age({ identities }).masterKey(key.ref);
		const calls = CALLS[kind];
		const works = {
			unwrap: [
				() => mine.unwrap(enc, {}),
				{ op: "unwrap", ageRecipients: [to], enc: [[enc]], ageIdentity: text },
			],
			wrap: [() => key.wrap(part, {}), { op: "wrap", ageRecipients: [to], dataKey: part }],
		};
		for (const [action, [ours, target]] of Object.entries(works)) {
			const times = { sopskit: [], go: [], "sopskit, 16": [], "go, 16": [] };
			for (let round = 0; round <= rounds; round++) {
				for (const [name, inFlight] of [
					["", 1],
					[", 16", IN_FLIGHT],
				]) {
					const start = performance.now();
					await pool(Array.from({ length: calls }), inFlight, ours);
					const took = performance.now() - start;
					const targets = Array.from({ length: calls }, () => target);
					const { nanoseconds } = await oracle.call("time", { targets, runs: 1, parallel: inFlight });
					// The first round warms up.
					if (round === 0) continue;
					times[`sopskit${name}`].push(took / calls);
					times[`go${name}`].push(nanoseconds[0] / 1e6 / calls);
				}
			}
			rows.push({ kind, action, times });
		}
	}
	return rows;
}
