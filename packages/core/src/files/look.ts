import type { KeyUpdatePlan } from "../keys/plan.ts";
import { DECRYPT_CHECKS, type DecryptOptions } from "../operations/decrypt.ts";
import { type ExtractedValue, extractValue } from "../operations/extract-value.ts";
import {
	INSPECT_CHECKS,
	type Inspection,
	type InspectOptions,
	inspectDocument,
} from "../operations/inspect.ts";
import { MASK_CHECKS, type MaskedFile, type MaskOptions, maskDocument } from "../operations/mask.ts";
import { type EncryptionStatus, encryptionStatus } from "../operations/status.ts";
import { PLAN_CHECKS, type PlanOptions, planKeyUpdate } from "../operations/update-keys.ts";
import {
	VERIFY_CHECKS,
	type Verification,
	type VerifyOptions,
	verifyDocument,
} from "../operations/verify.ts";
import type { Path } from "../path.ts";
import { COMMON_CHECKS, type CommonOptions } from "../steps/input.ts";
import { type OverFile, onFile } from "./in-place.ts";
import type { FilePath } from "./path.ts";

/**
 * `inspectDocument` over a file. Reads only.
 *
 * @throws SopsError `file-unusable`, and all of `inspectDocument`
 * @throws UsageError for unknown options and wrong argument types
 */
export function inspectFile(path: FilePath, options: OverFile<InspectOptions> = {}): Promise<Inspection> {
	return onFile("inspectFile()", path, options, INSPECT_CHECKS, inspectDocument);
}

/**
 * `encryptionStatus` over a file. Reads only.
 *
 * @throws SopsError `file-unusable`, and all of `encryptionStatus`
 * @throws UsageError for unknown options and wrong argument types
 */
export function fileEncryptionStatus(
	path: FilePath,
	options: OverFile<CommonOptions> = {},
): Promise<EncryptionStatus> {
	return onFile("fileEncryptionStatus()", path, options, COMMON_CHECKS, encryptionStatus);
}

/**
 * `planKeyUpdate` over a file. Reads only.
 *
 * @throws SopsError `file-unusable`, and all of `planKeyUpdate`
 * @throws UsageError for unknown options and wrong argument types
 */
export function planFileKeyUpdate(path: FilePath, options: OverFile<PlanOptions>): Promise<KeyUpdatePlan> {
	return onFile("planFileKeyUpdate()", path, options, PLAN_CHECKS, planKeyUpdate);
}

/**
 * `verifyDocument` over a file. Reads only.
 *
 * @throws SopsError `file-unusable`, and all of `verifyDocument`
 * @throws UsageError for unknown options and wrong argument types
 */
export function verifyFile(path: FilePath, options: OverFile<VerifyOptions>): Promise<Verification> {
	return onFile("verifyFile()", path, options, VERIFY_CHECKS, verifyDocument);
}

/**
 * `extractValue` over a file. Reads only.
 *
 * @throws SopsError `file-unusable`, and all of `extractValue`
 * @throws UsageError for unknown options and wrong argument types
 */
export function extractFileValue(
	file: FilePath,
	path: Path | string,
	options: OverFile<Omit<DecryptOptions, "schema">>,
): Promise<ExtractedValue> {
	return onFile("extractFileValue()", file, options, DECRYPT_CHECKS, (bytes, all) =>
		extractValue(bytes, path, all),
	);
}

/**
 * `maskDocument` over a file. Reads only: the caller says where the result goes.
 *
 * @throws SopsError `file-unusable`, and all of `maskDocument`
 * @throws UsageError for unknown options and wrong argument types
 */
export function maskFile(path: FilePath, options: OverFile<MaskOptions> = {}): Promise<MaskedFile> {
	return onFile("maskFile()", path, options, MASK_CHECKS, maskDocument);
}
