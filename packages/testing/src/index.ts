/**
 * The contract between sopskit and a key provider, as tests for any runner.
 *
 * @packageDocumentation
 */
export { CLAUSES, type ClauseName } from "./clause.ts";
export { ContractViolation } from "./contract-violation.ts";
export { testKeyProvider } from "./key-provider-contract.ts";
export { findSecrets, type Secret, secretBytes, secretText } from "./secret-search.ts";
export type { ContractRunner, KeyProviderSubject, StalledKey } from "./subject.ts";
