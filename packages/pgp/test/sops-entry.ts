import type { KeyEntry } from "@sopskit/core";

const FINGERPRINT = "E0853643E5D385F4162D0FB237994A2825F496EE";
const ref = { type: "pgp", id: FINGERPRINT, fields: { fp: FINGERPRINT } };

const PRIVATE_KEY = [
	"-----BEGIN PGP PRIVATE KEY BLOCK-----",
	"",
	"lFgEawPksxYJKwYBBAHaRw8BAQdAMrPEWKze4vXl53wJyCDeXuqoEW27qMNeW++p",
	"IGCNk0QAAQD8zI/OiW/Te+pF1bE1PuufJ0bfaZFxJ+G5xRiwrChMfBG/tB9zb3Bz",
	"a2l0IHRlc3QgPHRlc3RAZXhhbXBsZS5vcmc+iJAEExYIADgWIQTghTZD5dOF9BYt",
	"D7I3mUooJfSW7gUCawPkswIbAwULCQgHAgYVCgkICwIEFgIDAQIeAQIXgAAKCRA3",
	"mUooJfSW7nvlAQDmWXyLwkuoK+40UGOVPN5bypuGo4Q9ffmmFTCP5z4TlAD/RqDT",
	"5QNxIgCPvPWFJuWpgkTTjeZLAbmxj83BAkP6FwScXQRrA+SzEgorBgEEAZdVAQUB",
	"AQdAQFpCISKUs8HDRJ38rKUCC/vNKRDe1jEfSp09O+B0ygQDAQgHAAD/dH8n92I6",
	"l60xlwi3PUkMKbKvD/mTUtQLf3rFJj3itzgPUYh4BBgWCAAgFiEE4IU2Q+XThfQW",
	"LQ+yN5lKKCX0lu4FAmsD5LMCGwwACgkQN5lKKCX0lu7CPQD/f1EZnwbA56Tsy2aP",
	"mZ6zAbrjLkokZfTDJOeYDbh2VGUA/2ECTTdsgvkt2FMJaGoPtsj/o67j6W5n9uEc",
	"erv9qlEO",
	"=pxdH",
	"-----END PGP PRIVATE KEY BLOCK-----",
	"",
].join("\n");

const ENC_OF_GPG = [
	"-----BEGIN PGP MESSAGE-----",
	"",
	"hF4DMebFOXtTu44SAQdAWGu7SQTQkYceZbwL0HzrEANFtRQmnM52+aVs69msHEUw",
	"dZLLYDtUhzoTXg+Aw5AAyWURUcPn6goSNOYGD0J6MwDn/KiPmgo0oicHkfWX5VOd",
	"0l4BdwaCy2XI87mO8kjwfjEBClNAm8ux2f6JD+n+eSuvSiu4e0aGGc0pmJxhCidv",
	"/ohg3+97rkjC+wLd3ER5Oyc0KFXmnVxjCHo3ooBuTy+1Z9aB4eA50SACTrl9m7Y1",
	"=VwLS",
	"-----END PGP MESSAGE-----",
].join("\n");

const ENC_OF_GO = [
	"-----BEGIN PGP MESSAGE-----",
	"",
	"wV4DMebFOXtTu44SAQdAMKK5iFynTtXKEyhWfmOUMDLOUPcyz0LWXV1Xvy8BXXgw",
	"lzjnRCJwVxfUoa50Bl+oZgtv+guSAyLi2doVm+tOgw4SVDDaepR38r+2lqw2gzlD",
	"0lEBrjWn5gvrIdG961+K+2tgbfa6M+xN50WXfmnJMEW8fEHZbKd4d0cTFumRfcgr",
	"bDp/mcbIYiCvCfAX/UCAjDbDMTzV0k2zm+vESxwYtiNOcXg=",
	"=v1ZP",
	"-----END PGP MESSAGE-----",
].join("\n");

/**
 * Entries that sops 3.13.3 wrote (`sops -e --pgp … plain.yaml`): one through gpg 2.2.40, and one through its Go
 * library, with the key in pubring.gpg and no gpg. Their throw-away key (gpg 2.2.40, ed25519 and cv25519), and the
 * data keys that `gpg -d` finds in them.
 */
export const SOPS_ENTRIES = {
	fingerprint: FINGERPRINT,
	privateKey: PRIVATE_KEY,
	throughGpg: {
		entry: { ref, enc: ENC_OF_GPG } satisfies KeyEntry,
		part: new Uint8Array(
			Buffer.from("c22a1ef7d89a2a6cae827a6ec294a04d1ef03665a81f25bb14cf3cbdd972be1d", "hex"),
		),
	},
	throughGo: {
		entry: { ref, enc: ENC_OF_GO } satisfies KeyEntry,
		part: new Uint8Array(
			Buffer.from("4f11afa9b857c95a7e6b82e48ab9ef0dad9c35e95e994e368cbc94584e112b36", "hex"),
		),
	},
};
