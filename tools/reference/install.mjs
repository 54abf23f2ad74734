// Installs the reference: sops, age and its plugins in the versions that oracle/go.mod pins (its go.sum vouches for
// every module), and the oracle, our own program over the packages of sops.
//
//   SOPSKIT_REFERENCE_DIR      where to put it; default .cache/reference
//   SOPSKIT_REQUIRE_REFERENCE  1: no Go is a failure, not a note
import { spawnSync } from "node:child_process";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { binaries, binFolder, missing, oracleSources, required, stampFile, wantedStamp } from "./place.mjs";

const wanted = wantedStamp();
const label = `sops ${wanted.sops}, age ${wanted.age}, oracle ${wanted.oracle.slice(0, 12)}`;
const lacking = missing();
if (lacking.length === 0) {
	console.log(`reference: up to date (${label})`);
	process.exit(0);
}

if (spawnSync("go", ["version"]).status !== 0) {
	console.log(
		`reference: not installed, for there is no Go on the PATH. Lacking: ${lacking.join(", ")}. ` +
			"Tests against it are skipped; install Go and run: node tools/reference/install.mjs",
	);
	process.exit(required ? 1 : 0);
}

console.log(`reference: installing ${label} (the first time takes minutes: sops brings every cloud SDK)`);
mkdirSync(binFolder, { recursive: true });
rmSync(stampFile, { force: true });
build("sops, age and its plugins", ["install", "tool"]);
build("oracle", ["build", "-buildvcs=false", "-o", binaries.oracle, "."]);
writeFileSync(stampFile, `${JSON.stringify(wanted, undefined, "\t")}\n`);
console.log(`reference: installed in ${binFolder}`);

function build(what, args) {
	const start = performance.now();
	const result = spawnSync("go", args, {
		cwd: oracleSources,
		env: { ...process.env, GOBIN: binFolder, GOWORK: "off" },
		stdio: ["ignore", "inherit", "inherit"],
	});
	if (result.status !== 0) {
		console.error(`reference: go ${args.join(" ")} failed`);
		process.exit(1);
	}
	console.log(`reference: ${what} built in ${((performance.now() - start) / 1000).toFixed(1)} s`);
}
