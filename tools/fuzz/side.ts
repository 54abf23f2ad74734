/** What one implementation made of a document: something, or a refusal. */
export type Side = { readonly value: unknown } | { readonly refused: string };
