/** Fields of a key entry as text; a nested map is the encryption context of AWS KMS. */
export type KeyFields = Readonly<Record<string, string | Readonly<Record<string, string>>>>;
