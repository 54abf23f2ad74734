import { execFileSync, spawnSync } from "node:child_process";
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, describe, it } from "vitest";

/** A GnuPG home of a test. Its path is short, for the sockets of its agent; the user's own home is never touched. */
export class GnupgHome {
	/** The folder; `GNUPGHOME` of what is started in it. */
	readonly path: string = mkdtempSync(join("/tmp", "sopskit-gpg-"));

	/** An environment in which this is GnuPG's home, and the user has no other. */
	readonly environment: Readonly<Record<string, string>> = {
		PATH: process.env.PATH ?? "",
		HOME: this.path,
		GNUPGHOME: this.path,
	};

	constructor() {
		chmodSync(this.path, 0o700);
	}

	/** Runs gpg to its end, and gives what it writes. */
	gpg(args: readonly string[], input: string | Uint8Array = ""): Buffer {
		return execFileSync("gpg", ["--batch", "--quiet", "--no-tty", ...args], {
			env: this.environment,
			input,
			stdio: ["pipe", "pipe", "pipe"],
		});
	}

	/**
	 * Makes a key with a subkey that encrypts.
	 *
	 * @returns the fingerprint of the primary key
	 */
	generate(options: {
		readonly name: string;
		readonly primary: string;
		readonly subkey: string;
		readonly passphrase?: string;
		/** As gpg takes it; the time is then set to 2020 for both keys. */
		readonly expires?: string;
	}): string {
		const { name, primary, subkey, passphrase = "", expires } = options;
		const secret = ["--pinentry-mode", "loopback", "--passphrase", passphrase];
		const time = expires === undefined ? [] : ["--faked-system-time", "20200101T000000"];
		const until = expires ?? "never";
		this.gpg([
			...time,
			...secret,
			"--quick-generate-key",
			`${name} <${name}@example.org>`,
			primary,
			"cert,sign",
			until,
		]);
		const fingerprint = this.fingerprints(`${name}@example.org`)[0]!;
		this.gpg([...time, ...secret, "--quick-add-key", fingerprint, subkey, "encr", until]);
		return fingerprint;
	}

	/** Of the primary key and its subkeys, in this order. */
	fingerprints(name: string): string[] {
		const listing = this.gpg(["--with-colons", "--list-keys", name]).toString("utf8");
		return [...listing.matchAll(/^fpr:+([0-9A-F]+):/gm)].map(([, fingerprint]) => fingerprint!);
	}

	exportPublic(name: string): string {
		return this.gpg(["--armor", "--export", name]).toString("utf8");
	}

	exportPrivate(name: string, passphrase = ""): string {
		const secret = ["--pinentry-mode", "loopback", "--passphrase", passphrase];
		return this.gpg([...secret, "--armor", "--export-secret-keys", name]).toString("utf8");
	}

	/** Keys that the Go library of the reference reads: it knows the old ring files, and no keybox. */
	writeRings(publicKeys: Uint8Array, privateKeys: Uint8Array): void {
		writeFileSync(join(this.path, "pubring.gpg"), publicKeys, { mode: 0o600 });
		writeFileSync(join(this.path, "secring.gpg"), privateKeys, { mode: 0o600 });
	}

	/** Ends the agent, and removes all. */
	close(): void {
		spawnSync("gpgconf", ["--homedir", this.path, "--kill", "all"], { env: this.environment });
		rmSync(this.path, { recursive: true, force: true, maxRetries: 3 });
	}
}

function lacking(): string | undefined {
	for (const program of ["gpg", "gpgconf", "gpg-agent"]) {
		if (spawnSync(program, ["--version"], { stdio: "ignore" }).status !== 0) return program;
	}
	return undefined;
}

/**
 * A suite that needs GnuPG. Where it is not installed the suite is skipped under a name that says so; with
 * `SOPSKIT_REQUIRE_REFERENCE=1` it fails instead. `home()` gives a new home, which is removed after the suite.
 */
export function describeGnupg(name: string, define: (home: () => GnupgHome) => void): void {
	const absent = lacking();
	if (absent === undefined) {
		describe(name, () => {
			const homes: GnupgHome[] = [];
			afterAll(() => {
				for (const home of homes) home.close();
			});
			define(() => {
				const home = new GnupgHome();
				homes.push(home);
				return home;
			});
		});
		return;
	}
	const reason = `needs GnuPG, and there is no ${absent} on the PATH`;
	describe(name, () => {
		if (process.env.SOPSKIT_REQUIRE_REFERENCE === "1") {
			it(reason, () => {
				throw new Error(`${name} ${reason}`);
			});
		} else it.skip(reason, () => {});
	});
}
