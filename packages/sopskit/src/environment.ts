import { recipients } from "@sopskit/age";
import { type KeyGroup, SopsError } from "@sopskit/core";

/** Variables, such as `process.env`. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** What the variables say that are no secrets and need no files. */
export interface Settings {
	/** `SOPS_AGE_RECIPIENTS`: one key group of all of them. */
	readonly keyGroups?: readonly KeyGroup[];
	/** `SOPS_DECRYPTION_ORDER` */
	readonly decryptionOrder?: readonly string[];
}

/**
 * Reads the settings by the rules of sops 3.13.3. An empty variable counts for nothing.
 *
 * @throws SopsError `key-invalid`, `setting-invalid` for a type that `SOPS_DECRYPTION_ORDER` names twice
 */
export function settingsFrom(environment: Environment): Settings {
	const { SOPS_AGE_RECIPIENTS: ageRecipients, SOPS_DECRYPTION_ORDER: order } = environment;
	return {
		...(ageRecipients && { keyGroups: [recipients(ageRecipients)] }),
		...(order && { decryptionOrder: parseOrder(order) }),
	};
}
