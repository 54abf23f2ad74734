import type { KeyProviderSubject } from "./subject.ts";

/** Checks one clause; a broken one rejects with a `ContractViolation`. */
export type ClauseCheck = (subject: KeyProviderSubject) => Promise<void>;
