import { type KeyCall, KeyError, type KeyProvider, type KeyRef, type MasterKey } from "@sopskit/core";
import { base64Bytes, base64Text, limited, requirePermission } from "@sopskit/core/provider";
import type { Operation } from "./caller.ts";
import { requireResourceId } from "./gcp-key.ts";
import { KmsClient } from "./kms-client.ts";
import { type GcpKmsOptions, readOptions, type Settings } from "./options.ts";
import { sdkFailure } from "./sdk-failure.ts";

/**
 * A provider that acts for keys of Google Cloud KMS: `wrap` is Encrypt and `unwrap` is Decrypt of a symmetric key, with
 * checksums (CRC32C) in both directions. Nothing is read from the process's environment or home folder, unless
 * `environment` or `"default"` asks for it. The SDK is loaded at the first call, and there is one client until `close()`.
 * `enc` is the ciphertext in standard base64.
 *
 * KeyErrors have the outcomes
 * - `refused`: `allow` says no;
 * - `denied`: Google says no: permissions, credentials, a key that is disabled, destroyed or not there;
 * - `wrong-key`: another key made `enc`, or it was altered;
 * - `damaged`: `enc` is not base64;
 * - `misconfigured`: no usable credentials, a resource id that is none, a certificate that is not trusted, a closed provider;
 * - `throttled`, `unreachable`, `timeout`: after the attempts of the SDK; try again later;
 * - `aborted`: the caller's signal;
 * - `failed`: anything else, also a checksum that does not fit.
 *
 * @throws UsageError `option-unknown`, or `argument-invalid`, also where nothing says who calls
 */
export function gcpKms(options: GcpKmsOptions): KeyProvider {
	const settings = readOptions("gcpKms()", options ?? {});
	const client = new KmsClient(settings);
	return Object.freeze({
		name: "gcp-kms",
		masterKey: (ref: KeyRef) => masterKey(ref, settings, client),
		close: () => client.close(),
	});
}

function masterKey(ref: KeyRef, settings: Settings, client: KmsClient): MasterKey | undefined {
	// Refs come out of files: whatever they are, this must not throw.
	if (ref?.type !== "gcp_kms" || typeof ref.fields?.resource_id !== "string") return undefined;
	const { allow = () => true, timeoutMs } = settings;
	const run = (operation: Operation, call: KeyCall, bytes: () => Uint8Array): Promise<Uint8Array> =>
		limited(call, timeoutMs, async (signal) => {
			const name = requireResourceId(ref);
			await requirePermission(allow, ref, "the function allow says no to this key");
			const input = bytes();
			try {
				return await client.crypt(operation, name, input, signal);
			} catch (error) {
				throw sdkFailure(error, operation);
			}
		});
	return Object.freeze({
		ref,
		async wrap(part: Uint8Array, call: KeyCall) {
			// Aborted work may still run when the caller overwrites the part: work on a copy of our own.
			const copy = part.slice();
			try {
				return base64Text(await run("encrypt", call, () => copy));
			} finally {
				copy.fill(0);
			}
		},
		unwrap: (enc: string, call: KeyCall) => run("decrypt", call, () => ciphertextOf(enc)),
	} satisfies MasterKey);
}

/** @throws KeyError `damaged` */
function ciphertextOf(enc: string): Uint8Array {
	const bytes = base64Bytes(enc);
	if (bytes === undefined)
		throw new KeyError("damaged", "enc is not base64, as Google Cloud KMS keys have it");
	return bytes;
}
