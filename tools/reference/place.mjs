// Where the reference lives and what makes an installation of it complete.
import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

const here = dirname(fileURLToPath(import.meta.url));

export const oracleSources = join(here, "oracle");

const home = resolve(process.env.SOPSKIT_REFERENCE_DIR || join(here, "..", "..", ".cache", "reference"));
const suffix = process.platform === "win32" ? ".exe" : "";

export const binFolder = join(home, "bin");
export const stampFile = join(home, "stamp.json");

/** The programs of an installation, by the name they are known under here. */
export const binaries = {
	sops: join(binFolder, `sops${suffix}`),
	age: join(binFolder, `age${suffix}`),
	ageKeygen: join(binFolder, `age-keygen${suffix}`),
	agePluginBatchpass: join(binFolder, `age-plugin-batchpass${suffix}`),
	agePluginPq: join(binFolder, `age-plugin-pq${suffix}`),
	agePluginTag: join(binFolder, `age-plugin-tag${suffix}`),
	agePluginTagpq: join(binFolder, `age-plugin-tagpq${suffix}`),
	oracle: join(binFolder, `oracle${suffix}`),
};

export const required = process.env.SOPSKIT_REQUIRE_REFERENCE === "1";

/** Says what would be installed: the versions that go.mod pins, and the sum of the oracle's sources. */
export function wantedStamp() {
	const module = readFileSync(join(oracleSources, "go.mod"), "utf8");
	const hash = createHash("sha256");
	for (const name of readdirSync(oracleSources).sort()) {
		if (!/\.go$|^go\.(mod|sum)$/.test(name)) continue;
		hash.update(`${name}\n`).update(readFileSync(join(oracleSources, name)));
	}
	return {
		sops: pinned(module, "github.com/getsops/sops/v3"),
		age: pinned(module, "filippo.io/age"),
		oracle: hash.digest("hex"),
	};
}

function pinned(module, path) {
	const version = new RegExp(`^\\s*(?:require\\s+)?${path.replaceAll(".", "\\.")} (v\\S+)`, "m").exec(
		module,
	)?.[1];
	if (!version) throw new Error(`reference: go.mod does not pin ${path}`);
	return version;
}

/** What an installation lacks: names of programs that are absent, or `oracle` when its sources have changed. */
export function missing() {
	const lacking = Object.entries(binaries).flatMap(([name, path]) => (existsSync(path) ? [] : [name]));
	if (lacking.length > 0) return lacking;
	const wanted = wantedStamp();
	let found;
	try {
		found = JSON.parse(readFileSync(stampFile, "utf8"));
	} catch {
		found = {};
	}
	return Object.keys(wanted).filter((name) => wanted[name] !== found[name]);
}
