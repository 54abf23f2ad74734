import { type AgePlugins, recipients } from "@sopskit/age";
import { type KeyGroup, type KeyProvider, type MasterKey, UsageError } from "@sopskit/core";
import { pgpRefs } from "@sopskit/pgp";
import type { Environment } from "./environment.ts";
import { serviceKeys } from "./key-services.ts";

/** What the variables say that is no secret and needs no file. */
export interface Settings {
	/**
	 * `SOPS_KMS_ARN`, `SOPS_GCP_KMS_IDS`, `SOPS_HUAWEICLOUD_KMS_IDS`, `SOPS_AZURE_KEYVAULT_URLS`, `SOPS_PGP_FP`,
	 * `SOPS_VAULT_URIS`, `SOPS_AGE_RECIPIENTS`: one key group of all of them, in this order of the reference.
	 */
	readonly keyGroups?: readonly KeyGroup[];
	/** `SOPS_DECRYPTION_ORDER` */
	readonly decryptionOrder?: readonly string[];
}

/**
 * Reads the settings by the rules of sops 3.13.3. An empty variable counts for nothing.
 *
 * @param pgp - binds the fingerprints
 * @param services - bind the keys of services
 * @throws SopsError `key-invalid` for what does not name a key of its type
 * @throws UsageError for a type that `SOPS_DECRYPTION_ORDER` names twice
 */
export function settingsFrom(
	environment: Environment,
	plugins: AgePlugins | undefined,
	pgp: KeyProvider | undefined,
	services: readonly KeyProvider[],
): Settings {
	const { SOPS_AGE_RECIPIENTS: ageRecipients, SOPS_DECRYPTION_ORDER: order } = environment;
	const fingerprints = pgpRefs(environment.SOPS_PGP_FP ?? "");
	const { before, behind } = serviceKeys(environment, services);
	const keys: readonly MasterKey[] = [
		...before,
		...fingerprints.flatMap((ref) => pgp?.masterKey(ref) ?? []),
		...behind,
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
