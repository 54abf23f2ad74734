/** Path of Deno's launcher, a program for Node; undefined where it is not installed. */
export function findDeno(): string | undefined;
/** Path of Bun; undefined where it is not installed. */
export function findBun(): string | undefined;
/** Path of Chromium; undefined where there is none on the PATH. */
export function findChromium(): string | undefined;
