/** A program of the Python environment. */
export function program(name: string): string;
/** The server of OpenBao; undefined when it is not there. */
export function openbao(): string | undefined;
/** Whether a missing installation is a failure. */
export const required: boolean;
/** What an installation lacks; empty when it is complete. */
export function missing(): readonly string[];
