/** The clauses of the contract, in the order in which they run, and what each demands. */
export const CLAUSES = {
	// First, because an SDK that is loaded on first use may read the environment while it loads.
	"no-environment": "reads no environment variable, and does not act on one",
	"master-key-lookup": "masterKey() answers at once, does no I/O and never throws",
	"foreign-type": "masterKey() gives undefined for a type of key that is not the provider's",
	"round-trip": "unwraps what it wrapped, for parts of any length",
	"fresh-randomness": "wraps the same part to a different text each time",
	"real-entry": "unwraps an entry that another tool wrote",
	"not-mine": "answers, and does not throw, for a key that somebody else holds",
	"wrong-key": "throws a KeyError for an enc that another key wrapped",
	"damaged-enc": "throws a KeyError for an enc that was cut, altered or is something else",
	"abort-before": "rejects with outcome aborted when the signal has already aborted",
	"abort-during": "rejects with outcome aborted when the signal aborts during the call",
	"abort-stalled": "ends a call to a backend that never answers when the signal aborts",
	concurrency: "gives right answers to many calls at once",
	"fresh-part": "gives an array of its own with each unwrap",
	"input-part": "neither changes nor keeps the part that it wraps",
	"no-secret-in-errors": "puts no secret into what it throws or answers",
	"unwrap-any": "unwrapAny() agrees with unwrap() and reports on every entry",
	close: "close() can be called twice",
} as const;

/** Name of one clause, to switch it off or to find it in a report. */
export type ClauseName = keyof typeof CLAUSES;
