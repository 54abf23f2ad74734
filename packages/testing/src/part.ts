/** Random bytes in the place of a data key. */
export function randomPart(length = 32): Uint8Array {
	return globalThis.crypto.getRandomValues(new Uint8Array(length));
}
