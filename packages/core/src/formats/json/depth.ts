/**
 * The levels of brackets that Go's `encoding/json` indents (Go 1.26, `maxNestingDepth`). sops 3.13.3 reads
 * more than that, token by token, and then cannot write the file: so deeper files are refused on reading.
 */
export const MAX_DEPTH = 10_000;
