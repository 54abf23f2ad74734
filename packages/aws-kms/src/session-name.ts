import { hostname } from "node:os";

/**
 * The name under which an assumed role appears in AWS's logs, as the reference builds it (sops 3.13.3,
 * kms/keysource.go). In its class of characters `@-_` is a range: it takes `[`, `\`, `]` and `^` out of the host's
 * name as they are, and drops `-` and `+`.
 */
export function sessionName(host: string = hostname()): string {
	return `sops@${host.replace(/[^a-zA-Z0-9=,.@-_]+/g, "")}`.slice(0, 64);
}
