import type { FuzzDocument } from "../document.ts";
import type { Stage } from "./difference.ts";
import type { RunKeys } from "./run-keys.ts";
import type { Side } from "./side.ts";
import type { Theirs } from "./theirs.ts";

/** What the steps of a check share. */
export interface CheckContext {
	readonly document: FuzzDocument;
	readonly theirs: Theirs;
	readonly keys: RunKeys;
	note(text: string): void;
	compare(stage: Stage, what: string, ours: Side, theirs: Side): void;
}
