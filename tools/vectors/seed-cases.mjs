// Realistic files (tools/fuzz/seeds), each encrypted in many ways: vectors/seeds.

/** Ways to encrypt a file that has keys and comments. The patterns hit some names of every seed. */
const variants = [
	{ name: "default" },
	{ name: "unencrypted-suffix", selectors: { unencrypted_suffix: "e" } },
	{ name: "encrypted-suffix", selectors: { encrypted_suffix: "d" } },
	{ name: "unencrypted-regex", selectors: { unencrypted_regex: "^[a-mA-M]" } },
	{
		name: "encrypted-regex",
		selectors: { encrypted_regex: "(?i)pass|secret|token|user|key|data|name|port|url|^[p-t]" },
	},
	{ name: "unencrypted-comment-regex", selectors: { unencrypted_comment_regex: "(?i)[a-z] [a-m]" } },
	{ name: "encrypted-comment-regex", selectors: { encrypted_comment_regex: "(?i)[a-z] [n-z]" } },
	{ name: "mac-only-encrypted", selectors: { encrypted_regex: "^[n-zN-Z]" }, macOnlyEncrypted: true },
	{ name: "recipients-several", keyGroups: [["first", "second"]] },
	{
		name: "key-groups",
		keyGroups: [["first"], ["second"], ["third"]],
		shamirThreshold: 2,
		identities: ["first", "third"],
	},
];

const whole = variants.filter(({ selectors }) => selectors === undefined);

/**
 * @param {string} format
 * @returns {readonly import("./seed-cases.d.mts").Variant[]}
 */
export function variantsOf(format) {
	return format === "binary" ? [...whole, { name: "indent-2", indent: 2 }] : variants;
}

const sealed = /ENC\[AES256_GCM,data:[^,]*,iv:[^,]*,tag:[^,]*,type:(?:str|int|float|bool|time)\]/g;

/** Where the metadata begins. */
const metadata = {
	yaml: /^sops:$/m,
	json: /^\s+"sops": \{$/m,
	binary: /^\s+"sops": \{$/m,
	dotenv: /^sops_/m,
	ini: /^\[sops\]$/m,
};

/**
 * Damages that need to know nothing of the content: one encrypted value, or the metadata.
 *
 * @param {string} format
 * @param {string} text in latin1
 */
export function seedDamages(format, text) {
	const start = text.search(metadata[format]);
	const [data, fields] = [text.slice(0, start), text.slice(start)];
	const values = [...data.matchAll(sealed)];
	const twins = [];
	const add = (name, expect, changed) => {
		if (changed === text) throw new Error(`${name} changes nothing`);
		twins.push({ name, expect, text: changed });
	};
	const put = (found, value) =>
		data.slice(0, found.index) + value + data.slice(found.index + found[0].length) + fields;
	const [first] = values;
	if (first) {
		for (const part of ["data", "iv", "tag"])
			add(`${part}-flipped`, "value-damaged", put(first, flipped(first[0], part)));
		add("envelope-cut", "value-damaged", put(first, first[0].slice(0, first[0].indexOf(",tag:"))));
		add("clear-in-encrypted-place", "value-not-encrypted", put(first, "clear"));
		add("type-unknown", "value-damaged", put(first, first[0].replace(/type:\w+/, "type:colour")));
	}
	const macField = /^(?:sops_mac=|mac +?= |\s+mac: |\s+"mac": ").*$/m;
	add("mac-flipped", "mac-damaged", data + fields.replace(macField, (line) => flipped(line, "data")));
	add("mac-of-another-time", "mac-damaged", data + fields.replace(/20\d\d-\d\d-\d\dT/, "2001-02-03T"));
	const noMac = fields.replace(macField, (line) => line.replace(/ENC\[.*\]/, format === "yaml" ? '""' : ""));
	add("mac-empty", "mac-missing", data + noMac);
	add(
		"key-damaged",
		"data-key-unavailable",
		data + fields.replace(/(FILE-----(?:\n\s*|\\n))YWdl/g, "$1ZWdl"),
	);
	return twins;
}

function flipped(value, part) {
	return value.replace(new RegExp(`${part}:([^,]*)`), (_, base64) => {
		const bytes = Buffer.from(base64, "base64");
		bytes[0] ^= 1;
		return `${part}:${bytes.toString("base64")}`;
	});
}

/**
 * What has to be replaced in a text to get another one.
 *
 * @returns {readonly [at: number, remove: number, insert: string]}
 */
export function spliceTo(text, other) {
	let at = 0;
	while (at < text.length && text[at] === other[at]) at++;
	let end = 0;
	while (end < Math.min(text.length, other.length) - at && text.at(-1 - end) === other.at(-1 - end)) end++;
	return [at, text.length - at - end, other.slice(at, other.length - end)];
}
