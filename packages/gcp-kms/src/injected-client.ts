import { KeyError } from "@sopskit/core";
import { type Caller, FIELDS } from "./caller.ts";

type Call = (
	request: object,
	options: { readonly timeout: number },
) => Promise<readonly [object, ...unknown[]]>;

/** What is needed of a client; a `KeyManagementServiceClient` of `@google-cloud/kms` has it. */
export interface GcpKmsClient {
	readonly encrypt: Call;
	readonly decrypt: Call;
}

/** A client of the caller's: its calls cannot be cancelled, so an aborted one runs on to its time limit. */
export function injectedCaller(client: GcpKmsClient, timeoutMs: number): Caller {
	return {
		async call(operation, { name, bytes, checksum }) {
			const { goes, comes } = FIELDS[operation];
			const request = { name, [goes]: bytes, [`${goes}Crc32c`]: { value: checksum } };
			const [answer] = (await client[operation](request, { timeout: timeoutMs })) as [
				Record<string, unknown>,
			];
			const found = answer?.[comes];
			const bytesFound = typeof found === "string" ? Buffer.from(found, "base64") : found;
			if (!(bytesFound instanceof Uint8Array)) throw new KeyError("failed", `the client gave no ${comes}`);
			const { value } = (answer[`${comes}Crc32c`] ?? {}) as { value?: unknown };
			return {
				bytes: Uint8Array.from(bytesFound),
				checksum: value === undefined || value === null ? undefined : Number(value),
				verified: answer.verifiedPlaintextCrc32c === true,
			};
		},
		close: async () => {},
	};
}
