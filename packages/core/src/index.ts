export { type ErrorCode, type ErrorDetails, isSopsError, SopsError, UsageError } from "./errors.ts";
export type { Finding, FindingCode } from "./finding.ts";
export type { Attempt, AttemptOutcome } from "./keys/attempt.ts";
export {
	isKeyError,
	type KeyCall,
	type KeyEntry,
	KeyError,
	type KeyFields,
	type KeyProvider,
	type KeyRef,
	type KeyType,
	type MasterKey,
	type NotMine,
	type UnwrapAnyResult,
} from "./keys/contract.ts";
export { formatPath, type Path } from "./tree/path.ts";
