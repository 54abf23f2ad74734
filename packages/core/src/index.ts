export type { Attempt, AttemptOutcome } from "./attempt.ts";
export type {
	Config,
	CreationRule,
	Destination,
	DestinationRule,
	RuleSettings,
	StoreOptions,
	Stores,
} from "./config/config.ts";
export { type ParseConfigOptions, parseConfig } from "./config/parse.ts";
export type { ConfigProblem } from "./config/problem.ts";
export { type PassedRule, type ResolvedRule, type RuleOptions, resolveRule } from "./config/resolve.ts";
export { type ErrorCode, type ErrorDetails, isSopsError, SopsError } from "./errors.ts";
export type { Finding, FindingCode } from "./finding.ts";
export { type Format, formatOfPath } from "./formats/formats.ts";
export { bindKeyGroups } from "./keys/bind.ts";
export {
	isKeyError,
	type KeyCall,
	type KeyEntry,
	KeyError,
	type KeyProvider,
	type KeyRef,
	type KeyType,
	type MasterKey,
	type NotMine,
	type UnwrapAnyResult,
} from "./keys/contract.ts";
export type { KeyFields } from "./keys/key-fields.ts";
export { type KeyListOptions, parseKeyList } from "./keys/key-list.ts";
export type { GroupChange, KeyUpdatePlan } from "./keys/plan.ts";
export type { ItemField, ListSettings, RuleSyntax } from "./keys/rule-syntax/rule-syntax.ts";
export type { KeyGroup } from "./keys/wrap.ts";
export { type DataOf, type DecryptOptions, decryptDocument } from "./operations/decrypt.ts";
export type { DecryptedDocument, TextOptions } from "./operations/decrypted-document.ts";
export type { Draft, NewValue } from "./operations/draft.ts";
export { type EditOptions, editDocument } from "./operations/edit.ts";
export { type EncryptOptions, encryptDocument } from "./operations/encrypt.ts";
export { ExtractedValue, extractValue } from "./operations/extract-value.ts";
export {
	type InspectedKey,
	type Inspection,
	type InspectOptions,
	inspectDocument,
} from "./operations/inspect.ts";
export {
	type AddGroupOptions,
	addKeyGroup,
	type DeleteGroupOptions,
	deleteKeyGroup,
	type GroupOptions,
} from "./operations/key-groups.ts";
export { MaskedFile, type MaskOptions, maskDocument } from "./operations/mask.ts";
export { type Merged, type MergeInput, mergeDocuments } from "./operations/merge.ts";
export { type DecryptObjectOptions, decryptObject } from "./operations/object.ts";
export { type RotateOptions, rotateDocument } from "./operations/rotate.ts";
export { setValue, unsetValue } from "./operations/set-value.ts";
export { type EncryptionStatus, encryptionStatus } from "./operations/status.ts";
export { type NewPlaintext, type UpdateOptions, updateDocument } from "./operations/update.ts";
export {
	type KeyTarget,
	type PlanOptions,
	planKeyUpdate,
	type UpdateKeysOptions,
	updateKeys,
} from "./operations/update-keys.ts";
export { type Problem, type Verification, type VerifyOptions, verifyDocument } from "./operations/verify.ts";
export { formatPath, type Path, parsePath } from "./path.ts";
export type { Selector, SelectorName, SelectorOptions } from "./selectors.ts";
export type { Expectation } from "./steps/deviation.ts";
export type { EncryptedFile } from "./steps/encrypted-file.ts";
export type { CommonOptions, KeyOptions } from "./steps/input.ts";
export type { MergeConflict } from "./steps/merge-trees.ts";
export type { Layout } from "./steps/render.ts";
export type { StandardSchemaV1 } from "./steps/schema.ts";
export type { Data, DataOptions } from "./tree/data.ts";
export { float, int, type TypedValue, timestamp } from "./tree/from-data.ts";
export { UsageError } from "./usage-error.ts";
