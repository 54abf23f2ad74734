import type { FuzzFormat } from "../document.ts";
import type { Random } from "../random.ts";
import { mutateBytes } from "./bytes.ts";
import { mutateText } from "./text.ts";

const SEALED = /ENC\[AES256_GCM,data:[^\]\n]*\]/g;

const FIELD_VALUES = [
	...[
		"",
		"null",
		"~",
		"true",
		"false",
		"0",
		"1",
		"2",
		"-1",
		"1.5",
		"abc",
		"[]",
		"{}",
		"yes",
		"0x1",
		"1_000",
		"T",
		"<nil>",
	],
	...[
		"2024-02-03T04:05:06Z",
		"2024-02-03T04:05:06.5Z",
		"2024-02-03T05:05:06+01:00",
		"2024-02-03T04:05:06-00:00",
	],
	...[
		"2024-02-03 04:05:06Z",
		"2024-02-03",
		"1706933106",
		"3.13.3",
		"3.0",
		"v3.1.2",
		"3.7.0-rc.1",
		"03.1.2",
		"4",
		"3.13.3 ",
	],
	...[
		"_unencrypted",
		"_x",
		"^a",
		"(",
		"ENC[AES256_GCM,data:AAAA,iv:AAAA,tag:AAAA,type:str]",
		"age1x",
		'"',
		"'",
	],
];

const FIELDS = [
	...[
		"version",
		"mac",
		"lastmodified",
		"unencrypted_suffix",
		"encrypted_suffix",
		"unencrypted_regex",
		"encrypted_regex",
	],
	...[
		"unencrypted_comment_regex",
		"encrypted_comment_regex",
		"mac_only_encrypted",
		"shamir_threshold",
		"key_groups",
	],
	...[
		"age",
		"kms",
		"pgp",
		"gcp_kms",
		"azure_kv",
		"hc_vault",
		"hckms",
		"unknown_field",
		"Version",
		"MAC",
		"LastModified",
	],
];

/**
 * An encrypted file, as the reference writes it, with one or two changes: of the metadata, of encrypted values, of
 * lines, or anywhere.
 */
export function mutateEncrypted(text: string, random: Random, format: FuzzFormat): string {
	let out = text;
	for (let i = random.chance(75) ? 1 : 2; i > 0; i--) {
		const kind = random.int(100);
		if (kind < 45) out = mutateField(out, random, format);
		else if (kind < 75) out = mutateSealed(out, random);
		else if (kind < 85) out = mutateKey(out, random);
		else if (kind < 93) out = mutateText(out, random, format === "binary" ? "json" : format);
		else out = mutateBytes(out, text, random, format === "binary" ? "json" : format);
	}
	return out;
}

/** Where the metadata begins. */
function metadataStart(text: string, format: FuzzFormat): number {
	const mark = { yaml: /^sops:/m, dotenv: /^sops_/m, ini: /^\[sops\]/m, json: /"sops":/, binary: /"sops":/ }[
		format
	];
	return Math.max(0, text.search(mark));
}

function mutateField(text: string, random: Random, format: FuzzFormat): string {
	const start = metadataStart(text, format);
	const lines = text.slice(start).split("\n");
	const at = random.int(lines.length);
	const line = lines[at]!;
	const field = random.pick(FIELDS);
	const value = random.pick(FIELD_VALUES);
	const json = format === "json" || format === "binary";
	switch (random.int(8)) {
		case 0:
			lines.splice(at, 1);
			break;
		case 1:
			lines.splice(at, 0, line);
			break;
		case 2:
		case 3:
			lines[at] = line.replace(
				/^([^:=]*(?:":|[:=]) ?)(.*?)(,?)$/,
				(_, head: string, old: string, comma: string) => {
					const quote = random.chance(50) ? (/^["']/.exec(old)?.[0] ?? "") : random.pick(["", '"']);
					return `${head}${quote}${value}${quote}${json ? comma : ""}`;
				},
			);
			break;
		case 4: {
			const shown = json || random.chance(30) ? JSON.stringify(value) : value;
			const made = {
				yaml: `    ${field}: ${shown}`,
				json: `\t\t"${field}": ${random.chance(50) ? shown : random.pick(["null", "true", "1", "[]", "{}", "1.0"])},`,
				binary: `\t\t"${field}": ${shown},`,
				dotenv: `sops_${field}=${value}`,
				ini: `${field} = ${value}`,
			}[format];
			lines.splice(1 + random.int(2), 0, made);
			break;
		}
		case 5:
			// Another name, or the same in another case.
			lines[at] = line.replace(/[a-z_]{3,}/, (name) =>
				random.pick([name.toUpperCase(), `${name}x`, name.replace(/^./, (c) => c.toUpperCase()), field]),
			);
			break;
		case 6: {
			const other = random.int(lines.length);
			lines[at] = lines[other]!;
			lines[other] = line;
			break;
		}
		default:
			lines[at] = random.chance(50) ? ` ${line}` : line.replace(/^\s/, "");
	}
	return text.slice(0, start) + lines.join("\n");
}

function mutateSealed(text: string, random: Random): string {
	const found = [...text.matchAll(SEALED)];
	if (found.length === 0) return text;
	const at = random.int(found.length);
	const chosen = found[at]!;
	const old = chosen[0];
	const other = random.pick(found)[0];
	const put = (made: string): string =>
		text.slice(0, chosen.index) + made + text.slice(chosen.index + old.length);
	switch (random.int(12)) {
		case 0:
			return put(other);
		case 1:
			return put(
				old.replace(
					/type:\w+/,
					`type:${random.pick(["str", "int", "float", "bool", "bytes", "comment", "time", "x", ""])}`,
				),
			);
		case 2:
			return put(old.slice(0, 1 + random.int(old.length)));
		case 3:
			return put(random.pick(["", "clear", "12", "null", "true", '""', "ENC[", "ENC[]"]));
		case 4:
			return put(`${old}${random.pick(["x", " ", "]", "\\n", ",type:str]"])}`);
		case 5:
			return put(`${random.pick(["x", " ", "ENC["])}${old}`);
		case 6:
			return put(old.replace(/data:[^,]*/, `data:${random.pick(["", "=", "A", "AA==", "AAAA", "****"])}`));
		case 7:
			return put(old.replace(/iv:[^,]*/, `iv:${random.pick(["", "=", "A", "AA==", "AAAAAAAAAAAAAAAA"])}`));
		case 8:
			return put(
				old.replace(/tag:[^,]*/, `tag:${random.pick(["", "=", "A", "AA==", "AAAAAAAAAAAAAAAAAAAAAA=="])}`),
			);
		case 9:
			return put(old.replace(/=/g, random.pick(["", "==", "\\u003d"])));
		case 10:
			return put(old.replace("AES256_GCM", random.pick(["AES128_GCM", "aes256_gcm", ""])));
		default: {
			// One character of the base64 changes.
			const i = 25 + random.int(Math.max(1, old.length - 35));
			return put(old.slice(0, i) + random.pick(["A", "b", "0", "+", "/", "="]) + old.slice(i + 1));
		}
	}
}

/** A key, or a word of a comment, changes: the additional data of a value. */
function mutateKey(text: string, random: Random): string {
	const words = [...text.matchAll(/[A-Za-z]{2,}(?=["\s]*[:=])/g)];
	if (words.length === 0) return text;
	const { index, 0: word } = random.pick(words);
	const made = random.pick([`${word}_unencrypted`, `${word}x`, word.toUpperCase(), word.slice(1)]);
	return text.slice(0, index) + made + text.slice(index + word.length);
}
