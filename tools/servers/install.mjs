// Installs the servers that play the part of key services in tests: moto for AWS KMS and STS, and OpenBao, which
// speaks the protocol of HashiCorp Vault. Both come as packages for Python.
//
//   SOPSKIT_SERVERS_DIR      where to put them; default .cache/servers
//   SOPSKIT_REQUIRE_SERVERS  1: no Python is a failure, not a note
import { spawnSync } from "node:child_process";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { missing, program, python, required, requirements, stampFile, wantedStamp } from "./place.mjs";

const lacking = missing();
if (lacking.length === 0) {
	console.log("servers: up to date");
	process.exit(0);
}

const interpreter = ["python3", "python"].find(
	(name) => spawnSync(name, ["-m", "venv", "--help"]).status === 0,
);
if (interpreter === undefined) {
	console.log(
		`servers: not installed, for there is no Python with venv on the PATH. Lacking: ${lacking.join(", ")}. ` +
			"Tests against them are skipped; install Python 3 and run: node tools/servers/install.mjs",
	);
	process.exit(required ? 1 : 0);
}

const start = performance.now();
rmSync(python, { recursive: true, force: true });
rmSync(stampFile, { force: true });
mkdirSync(dirname(python), { recursive: true });
run(interpreter, ["-m", "venv", python]);
run(program("python"), [
	...["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-deps", "-r", requirements],
]);
writeFileSync(stampFile, wantedStamp());
const absent = missing();
if (absent.length > 0) {
	console.error(`servers: the installation lacks ${absent.join(", ")}`);
	process.exit(1);
}
console.log(`servers: installed in ${((performance.now() - start) / 1000).toFixed(1)} s`);

function run(command, args) {
	const { status } = spawnSync(command, args, { stdio: ["ignore", "inherit", "inherit"] });
	if (status === 0) return;
	console.error(`servers: ${args.slice(0, 3).join(" ")} failed`);
	process.exit(1);
}
