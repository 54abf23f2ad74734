import { type AgePlugins, recipients } from "@sopskit/age";
import { type KeyGroup, type KeyProvider, type MasterKey, UsageError } from "@sopskit/core";
import { pgpRefs } from "@sopskit/pgp";

/** Variables, such as `process.env`. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** What the variables say that is no secret and needs no file. */
export interface Settings {
	/** `SOPS_PGP_FP` and `SOPS_AGE_RECIPIENTS`: one key group of all of them, in the order of the reference. */
	readonly keyGroups?: readonly KeyGroup[];
	/** `SOPS_DECRYPTION_ORDER` */
	readonly decryptionOrder?: readonly string[];
}

/**
 * Reads the settings by the rules of sops 3.13.3. An empty variable counts for nothing.
 *
 * @param pgp - binds the fingerprints
 * @throws SopsError `key-invalid` for what is not a recipient or a fingerprint
 * @throws UsageError for a type that `SOPS_DECRYPTION_ORDER` names twice
 */
export function settingsFrom(
	environment: Environment,
	plugins: AgePlugins | undefined,
	pgp: KeyProvider | undefined,
): Settings {
	const { SOPS_AGE_RECIPIENTS: ageRecipients, SOPS_DECRYPTION_ORDER: order } = environment;
	const fingerprints = pgpRefs(environment.SOPS_PGP_FP ?? "");
	const keys: readonly MasterKey[] = [
		...fingerprints.flatMap((ref) => pgp?.masterKey(ref) ?? []),
		...(ageRecipients ? recipients(ageRecipients, { plugins }) : []),
	];
	return {
		...((ageRecipients || keys.length > 0) && { keyGroups: [keys] }),
		...(order && { decryptionOrder: readOrder(order) }),
	};
}

/** Split at commas and nothing trimmed; a type that no file has does no harm (sops 3.13.3, cmd/sops/main.go). */
function readOrder(text: string): readonly string[] {
	const order = text.split(",");
	const twice = order.find((type, index) => order.indexOf(type) !== index);
	if (twice === undefined) return order;
	throw new UsageError(
		"argument-invalid",
		`SOPS_DECRYPTION_ORDER names ${JSON.stringify(twice)} twice. Name each type of key once.`,
	);
}
