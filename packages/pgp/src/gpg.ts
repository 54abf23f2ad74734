import { isAbsolute } from "node:path";
import {
	type KeyCall,
	KeyError,
	type KeyProvider,
	type KeyRef,
	type MasterKey,
	type NotMine,
	UsageError,
	untilAborted,
} from "@sopskit/core";
import { fingerprintTrouble, fpOf, readFingerprint, shown } from "./fingerprint.ts";
import { agentFailure, recipientFailure, unbelievable, valuesOf } from "./gpg-failure.ts";
import { type GpgCommand, runGpg } from "./gpg-process.ts";

/** Variables, such as `process.env`. */
export type GpgEnvironment = Readonly<Record<string, string | undefined>>;

/** What {@link gpg} takes. One of `environment` and `home` is needed. */
export interface GpgOptions {
	/**
	 * What gpg sees of an environment, mostly `process.env`, without the variables of SOPS itself. Of these,
	 * `SOPS_GPG_EXEC` names the program.
	 */
	readonly environment?: GpgEnvironment | undefined;
	/**
	 * GnuPG's home, an absolute path; otherwise that of `GNUPGHOME` in the environment, or `.gnupg` in its `HOME`.
	 * Where it has neither, gpg is not started: it would take the home of the account, for which nobody asked.
	 */
	readonly home?: string | undefined;
	/** The program, before `SOPS_GPG_EXEC`; `"gpg"` of the `PATH` if neither is there. */
	readonly program?: string | undefined;
}

/**
 * A provider that leaves the work to the `gpg` program: for keys in a keybox (`pubring.kbx`), for those that
 * gpg-agent guards, and for smart cards. Each wrap and unwrap starts gpg once, and once more after a failure to
 * find out why. It runs without a shell; an aborted signal kills it. Its messages are dropped: what is told comes
 * from its status codes.
 *
 * Keys are trusted for the call alone: nothing is written to the trust database of the home. Their KeyErrors
 * have the outcomes
 * - `wrong-key`, `damaged`: as with `pgp()`, for keys whose private half gpg has;
 * - `misconfigured`: gpg is not installed, has no home or no such public key, or no way to ask for a passphrase;
 * - `refused`: the key to wrap for is expired or revoked;
 * - `denied`: someone cancelled the question for a passphrase, or the card refused the PIN;
 * - `unreachable`, `timeout`: the card is not there, or nobody answered;
 * - `aborted`: the caller's signal; `failed`: anything else.
 *
 * @throws UsageError `option-unknown`, `argument-invalid`
 */
export function gpg(options: GpgOptions): KeyProvider {
	const command = gpgCommand(options, "gpg()");
	return gpgProvider("gpg", async () => command);
}

/** @throws UsageError as {@link gpg} */
export function gpgCommand(options: GpgOptions, of: string): GpgCommand {
	if (typeof options !== "object" || options === null || Array.isArray(options)) {
		throw new UsageError("argument-invalid", `${of} takes an options object: { environment } or { home }`);
	}
	const known = ["environment", "home", "program"];
	for (const name of Object.keys(options)) {
		if (known.includes(name)) continue;
		// process.env in the place of the options would otherwise have its names repeated here.
		const word = /^[a-z]\w{0,40}$/.test(name) ? `"${name}"` : "that it was given";
		throw new UsageError(
			"option-unknown",
			`${of} does not know the option ${word}. It knows: ${known.join(", ")}.`,
		);
	}
	const { environment, home, program } = options;
	if (environment !== undefined && (typeof environment !== "object" || environment === null)) {
		throw new UsageError("argument-invalid", `${of}: environment must be an object, such as process.env`);
	}
	if (environment === undefined && home === undefined) {
		throw new UsageError(
			"argument-invalid",
			`${of}: pass environment, such as process.env, or home, or both`,
		);
	}
	if (home !== undefined && (typeof home !== "string" || !isAbsolute(home))) {
		throw new UsageError("argument-invalid", `${of}: home must be an absolute path`);
	}
	if (program !== undefined && (typeof program !== "string" || program === "")) {
		throw new UsageError("argument-invalid", `${of}: program must be the name or the path of gpg`);
	}
	return {
		program: program ?? (environment?.SOPS_GPG_EXEC || "gpg"),
		prefix: home === undefined ? [] : ["--homedir", home],
		environment: withoutSops(environment ?? {}),
		located: home !== undefined || namesHome(environment ?? {}),
	};
}

/** Where gpg looks for its home: in variables of the user, which on Windows are others. */
function namesHome(environment: GpgEnvironment): boolean {
	const names = process.platform === "win32" ? ["GNUPGHOME", "APPDATA"] : ["GNUPGHOME", "HOME"];
	return Object.entries(environment).some(
		([name, value]) =>
			Boolean(value) && names.includes(process.platform === "win32" ? name.toUpperCase() : name),
	);
}

/** Identities and tokens for SOPS are none of gpg's business. */
export function withoutSops(environment: GpgEnvironment): GpgEnvironment {
	return Object.fromEntries(
		Object.entries(environment).filter(([name, value]) => value !== undefined && !/^SOPS_/i.test(name)),
	);
}

/** A provider over a gpg that may only be set up on first use. */
export function gpgProvider(
	name: string,
	command: (call: KeyCall) => Promise<GpgCommand>,
): Pick<KeyProvider, "name" | "masterKey"> {
	return Object.freeze({
		name,
		masterKey(ref: KeyRef): MasterKey | undefined {
			// Refs come out of files: whatever they are, this must not throw.
			const fp = fpOf(ref);
			if (fp === undefined) return undefined;
			return Object.freeze({
				ref: Object.freeze({ type: "pgp", id: fp, fields: Object.freeze({ fp }) }),
				wrap: (part: Uint8Array, call: KeyCall) =>
					untilAborted(call.signal, async () => {
						// The caller may overwrite the part while gpg still reads: work on a copy of our own.
						const copy = part.slice();
						try {
							return await wrap(copy, fp, await command(call), call);
						} finally {
							copy.fill(0);
						}
					}),
				unwrap: (enc: string, call: KeyCall) =>
					untilAborted(call.signal, async () => unwrap(enc, fp, await command(call), call)),
			});
		},
	});
}

async function wrap(part: Uint8Array, fp: string, command: GpgCommand, call: KeyCall): Promise<string> {
	const wanted = readFingerprint(fp);
	if (wanted === undefined) {
		throw new KeyError("misconfigured", `gpg is not asked for ${shown(fp)}: ${fingerprintTrouble(fp)}`);
	}
	const recipient = `${wanted.hex}${wanted.exact ? "!" : ""}`;
	const args = [
		...["--yes", "--no-default-recipient", "--no-encrypt-to", "--encrypt", "--armor"],
		// The reference names the key as ultimately trusted, which gpg writes down for good (docs/decisions/0017).
		...["--trust-model", "always", "--recipient", recipient],
	];
	const run = await runGpg(command, args, part, call.signal);
	const enc = new TextDecoder("latin1").decode(run.output).trim();
	if (run.exitCode === 0 && enc.startsWith("-----BEGIN PGP MESSAGE-----")) return enc;
	const listing = await runGpg(
		command,
		["--with-colons", "--list-keys", recipient],
		new Uint8Array(),
		call.signal,
	);
	throw recipientFailure(fp, listing);
}

async function unwrap(
	enc: string,
	fp: string,
	command: GpgCommand,
	call: KeyCall,
): Promise<Uint8Array | NotMine> {
	// A signature in the message must not make gpg look for the signer's key in the network.
	const args = ["--keyserver-options", "no-auto-key-retrieve", "--decrypt"];
	const run = await runGpg(command, args, new TextEncoder().encode(enc), call.signal);
	const trouble = run.exitCode === 0 ? unbelievable(run) : undefined;
	if (run.exitCode === 0 && trouble === undefined) return run.output;
	run.output.fill(0);
	const agent = agentFailure(run);
	if (agent !== undefined) throw agent;
	if (!(await isMine(fp, command, call))) {
		const remark = fingerprintTrouble(fp);
		return { notMine: `gpg has no private key for ${shown(fp)}${remark === undefined ? "" : `; ${remark}`}` };
	}
	if (trouble !== undefined) throw new KeyError("damaged", `enc of ${shown(fp)} ${trouble}`);
	const strangers = valuesOf(run, "NO_SECKEY").flat();
	if (strangers.length > 0 && valuesOf(run, "DECRYPTION_KEY").length === 0) {
		throw new KeyError(
			"wrong-key",
			`gpg has the private key for ${shown(fp)}, but enc is for ${strangers.map((id) => `key id ${id}`).join(", ")}`,
		);
	}
	const unread = valuesOf(run, "BEGIN_DECRYPTION").length === 0;
	throw new KeyError(
		"damaged",
		`enc of ${shown(fp)} ${unread ? "is not an armored OpenPGP message" : "was altered or cut, or this gpg cannot read its kind"}`,
	);
}

/** Whether gpg has the private half of a key, or a stub for the card that has it. */
async function isMine(fp: string, command: GpgCommand, call: KeyCall): Promise<boolean> {
	const wanted = readFingerprint(fp);
	if (wanted === undefined) return false;
	const args = ["--with-colons", "--list-secret-keys", wanted.hex];
	return (await runGpg(command, args, new Uint8Array(), call.signal)).exitCode === 0;
}
