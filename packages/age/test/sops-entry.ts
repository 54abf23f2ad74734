import type { KeyEntry } from "@sopskit/core";

const ENC = [
	"-----BEGIN AGE ENCRYPTED FILE-----",
	"YWdlLWVuY3J5cHRpb24ub3JnL3YxCi0+IFgyNTUxOSBCaHdkRkNTM090dEZxVTJR",
	"MWJBUnY0N3NmU2Z4cE4vUHNZNzlPTVV4dzM0Ci9OL21CcXk5bDRqVlMxeEE2RXB0",
	"ZFF4SGlhVDFGTGpnM0ZDbGRGQnlsY28KLS0tIHdHbjVsUGMwb1VCeXZ1OGlOODZ0",
	"R3ZKYUFqNnlKazcrejhRQWNjOFdsZEEKDACsUmwXWYseRGqs3yPQsQTlp6uVwyqI",
	"Pzw3v1IKDkrPJbvc8gqBOhtITAwc8RJsm85luyreyH5iAw1PRdvG2A==",
	"-----END AGE ENCRYPTED FILE-----",
	"",
].join("\n");

const RECIPIENT = "age1pec5ranfnsjvfd8uvlc74dx6gh03gpg309dm6j5lhf3eqlspg5cs002cjv";

/**
 * An entry that sops 3.13.3 wrote (`sops -e --age age1… plain.yaml`), its throw-away identity of age-keygen
 * 1.3.1, and the data key that `age -d` 1.3.1 finds in it.
 */
export const X25519_ENTRY = {
	identity: "AGE-SECRET-KEY-1W0Q32NZFKAFQKYESKV5MQ2HR6ZFDFHEVWCEC82RXC8N7828NC2LSKXHJ7M",
	recipient: RECIPIENT,
	entry: {
		ref: { type: "age", id: RECIPIENT, fields: { recipient: RECIPIENT } },
		enc: ENC,
	} satisfies KeyEntry,
	part: new Uint8Array(
		Buffer.from("7820d3a506759ce554706aa8c3def10245eedbac144c5134a1a99bfaa159e87e", "hex"),
	),
};
