import { KeyError } from "@sopskit/core";

/** What a passphrase is wanted for. */
export interface PassphraseRequest {
	/** An age key file that is encrypted with a passphrase, or an SSH private key. */
	readonly kind: "identity-file" | "ssh-key";
	/** Which one, for the question: a path, a variable, or `identity text 1`. */
	readonly name: string;
	/** Aborts when nobody waits for the answer any more. */
	readonly signal: AbortSignal;
}

/**
 * Gives the passphrase of a key, mostly by asking a person. Called when the key is needed, and again at the next
 * need where the answer was wrong; a right answer is not asked for twice.
 */
export type AskPassphrase = (request: PassphraseRequest) => string | Promise<string>;

/**
 * Asks.
 *
 * @param ask - absent: nobody can be asked
 * @throws KeyError `misconfigured` without anybody to ask, and for an empty answer; `failed` where asking failed
 */
export async function askPassphrase(
	ask: AskPassphrase | undefined,
	request: PassphraseRequest,
): Promise<string> {
	const { name } = request;
	if (ask === undefined) {
		throw new KeyError(
			"misconfigured",
			`${name} is protected by a passphrase: pass the option passphrase, a function that gives it`,
		);
	}
	let answer: unknown;
	try {
		answer = await ask(request);
	} catch {
		throw new KeyError("failed", `no passphrase for ${name}: the function passphrase failed`);
	}
	if (typeof answer === "string" && answer !== "") return answer;
	throw new KeyError("misconfigured", `no passphrase for ${name}: the function passphrase gave none`);
}
