import { KeyError } from "@sopskit/core";
import { shown } from "./fingerprint.ts";
import type { GpgRun } from "./gpg-process.ts";

/** Codes of libgpg-error that say what to do; the upper half of the number says who reported it. */
const CODES: Readonly<Record<number, readonly [outcome: KeyError["outcome"], words: string]>> = {
	11: ["misconfigured", "gpg-agent has a wrong passphrase"],
	62: ["timeout", "nobody answered gpg-agent in time"],
	77: ["misconfigured", "gpg-agent does not run and cannot be started"],
	85: ["misconfigured", "gpg-agent has no pinentry to ask for the passphrase"],
	86: ["misconfigured", "the pinentry of gpg-agent failed"],
	87: ["denied", "the card refused the PIN"],
	99: ["denied", "the question for the passphrase was cancelled"],
	108: ["unreachable", "the smart card cannot be used"],
	111: ["unreachable", "the smart card was removed"],
	112: ["unreachable", "the smart card is not inserted"],
	198: ["denied", "the question for the passphrase was cancelled"],
};

const PINENTRY = 5;
const SYSTEM_ERROR = 0x8000;

/** Status lines of a run by keyword. */
export function valuesOf(run: GpgRun, keyword: string): readonly (readonly string[])[] {
	return run.status.filter((line) => line.keyword === keyword).map(({ values }) => values);
}

/** What the agent reported about the private key, if that is why a decryption failed. */
export function agentFailure(run: GpgRun): KeyError | undefined {
	const [values] = valuesOf(run, "ERROR").filter(([where]) => where?.startsWith("pkdecrypt"));
	const code = Number(values?.[1] ?? Number.NaN);
	if (!Number.isInteger(code)) return undefined;
	const error = code & 0xffff;
	const known = CODES[error];
	if (known !== undefined) return new KeyError(known[0], `gpg: ${known[1]}`);
	if ((code >>> 24) % 128 === PINENTRY && (error & SYSTEM_ERROR) !== 0) {
		return new KeyError(
			"misconfigured",
			"gpg-agent found no terminal or display to ask for the passphrase; set GPG_TTY, or unlock the key before",
		);
	}
	// 17, no secret key, is told by NO_SECKEY.
	return error === 17
		? undefined
		: new KeyError("failed", `gpg: the private key could not be used (code ${error})`);
}

/** Why a message cannot be believed although gpg gave something, in the words of an error about `enc`. */
export function unbelievable(run: GpgRun): string | undefined {
	// Seen with GnuPG 2.2 and AEAD packets of 2.3 (getsops/sops issue 896).
	if (run.output.length === 0) {
		return "opens to nothing: this gpg is too old for the message (AEAD of GnuPG 2.3 and later), or it holds nothing";
	}
	if (valuesOf(run, "DECRYPTION_OKAY").length === 0) return "is a message that is not encrypted";
	const [info] = valuesOf(run, "DECRYPTION_INFO");
	// No protection by MDC, and none by AEAD.
	if (info?.[0] === "0" && (info[2] ?? "0") === "0") {
		return "has no protection of its integrity, so nothing of it is believed";
	}
	return undefined;
}

/** Why gpg has no use for a key, from the line of the key in `--with-colons --list-keys` (doc/DETAILS). */
export function recipientFailure(fp: string, listing: GpgRun): KeyError {
	const text = new TextDecoder("latin1").decode(listing.output);
	const validity = /^(?:pub|sub):(.)/m.exec(text)?.[1];
	if (listing.exitCode !== 0 || validity === undefined) {
		return new KeyError(
			"misconfigured",
			`gpg has no public key for ${shown(fp)}; import it with gpg --import`,
		);
	}
	const states: Readonly<Record<string, string>> = {
		r: "is revoked",
		e: "is expired",
		d: "is disabled",
		i: "is invalid",
	};
	const state = states[validity] ?? "has no subkey that is valid and may encrypt";
	return new KeyError(
		"refused",
		`the key ${shown(fp)} ${state}, says gpg; encrypt to another one, or renew it`,
	);
}
