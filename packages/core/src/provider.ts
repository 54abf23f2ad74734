/**
 * What authors of key providers share: the check of options, the time limit and abort of calls, the rule about
 * what a file may name, and strict base64.
 *
 * @packageDocumentation
 */
export { limited } from "./keys/limit.ts";
export { type AllowRef, requirePermission } from "./keys/permission.ts";
export { base64Bytes, base64Text } from "./keys/stored-base64.ts";
export { type Check, checkOptions, isBoolean, isObject, isSize, isText } from "./options.ts";
