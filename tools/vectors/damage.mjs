// The damaged twins of an encrypted file: each a function of its text, so that they can be made again without
// encrypting again. Works on the layout that sops writes: one value per line.

const sealed = /ENC\[AES256_GCM,data:([^,]*),iv:([^,]*),tag:([^,]*),type:(\w+)\]/;

const escaped = (key) => key.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");

/** The line of a key: what stands before the value, the value, and what follows it. */
function lineOf(format, key) {
	const name = escaped(key);
	switch (format) {
		case "yaml":
			return new RegExp(`^( *(?:- )?"?${name}"?: +)(.*)()$`, "m");
		case "dotenv":
			return new RegExp(`^(${name}=)(.*)()$`, "m");
		case "ini":
			return new RegExp(`^(${name} *= )(.*)()$`, "m");
		default:
			return new RegExp(`^([ \\t]*"${name}": "?)(.*?)("?,?)$`, "m");
	}
}

const metadataKey = (format, key) => (format === "dotenv" ? `sops_${key}` : key);

/** The same for a field of the metadata, which stands last. */
function splitMetadata(format, text) {
	const start = { yaml: /^sops:$/m, dotenv: /^sops_/m, ini: /^\[sops\]$/m }[format] ?? /^[ \t]+"sops": \{$/m;
	const at = start.exec(text);
	if (!at) throw new Error("no metadata");
	return [text.slice(0, at.index), text.slice(at.index)];
}

/** What shows whether a reader applies the selector as the writer did. */
const decidedBySelector = [
	"value-moved",
	"item-deleted",
	"clear-in-encrypted-place",
	"clear-changed",
	"clear-added",
	"selectors-two",
];

/**
 * @param {import("./cases.d.mts").Case} made
 * @param {import("@sopskit/reference").Format} format
 * @param {string} text
 */
export function damages(made, format, text) {
	const { targets = {}, damage } = made;
	const jsonLike = format === "json" || format === "binary";
	const twins = [];
	const add = (name, expect, changed, more = {}) => {
		if (damage === "selector" && !decidedBySelector.includes(name)) return;
		if (changed === text && !more.identities) throw new Error(`${made.name}: ${name} changes nothing`);
		twins.push({ name, expect, text: changed, ...more });
	};
	const [data, metadata] = splitMetadata(format, text);
	const read = (key) => {
		const found = lineOf(format, key).exec(data);
		if (!found) throw new Error(`${made.name}: no line for ${key}`);
		return found[2];
	};
	const write = (key, value) => data.replace(lineOf(format, key), (_, head, __, tail) => head + value + tail);
	const readField = (key) => {
		const found = lineOf(format, metadataKey(format, key)).exec(metadata);
		if (!found) throw new Error(`${made.name}: no metadata field ${key}`);
		return found[2];
	};
	const writeField = (key, value) =>
		data +
		metadata.replaceAll(
			new RegExp(lineOf(format, metadataKey(format, key)).source, "gm"),
			(_, head, __, tail) => head + value + tail,
		);
	const dropField = (key) =>
		data + metadata.replaceAll(new RegExp(`${lineOf(format, metadataKey(format, key)).source}\n`, "gm"), "");
	const addField = (key, value) => {
		const line = {
			yaml: `    ${key}: ${value}\n`,
			dotenv: `sops_${key}=${value}\n`,
			ini: `${key} = ${value}\n`,
		}[format];
		const mac = new RegExp(lineOf(format, metadataKey(format, "mac")).source, "gm");
		return (
			data +
			metadata.replaceAll(mac, (whole) => `${line ?? `\t\t"${key}": ${JSON.stringify(value)},\n`}${whole}`)
		);
	};
	const flip = (value, part) => {
		const found = sealed.exec(value);
		const bytes = Buffer.from(found[part], "base64");
		bytes[0] ^= 1;
		return value.replace(found[part], bytes.toString("base64"));
	};
	const retype = (key, type) => write(key, read(key).replace(/type:\w+\]/, `type:${type}]`)) + metadata;

	if (damage === undefined) return twins;
	const { first, second, int, float, bool, time, clear } = targets;

	add("data-flipped", "value-damaged", write(first, flip(read(first), 1)) + metadata);
	add("iv-flipped", "value-damaged", write(first, flip(read(first), 2)) + metadata);
	add("tag-flipped", "value-damaged", write(first, flip(read(first), 3)) + metadata);
	if (second) {
		const moved = targets.moved ?? first;
		add(
			"value-moved",
			"value-damaged",
			data.replace(lineOf(format, moved), (line) => line.replace(moved, `${moved}_elsewhere`)) + metadata,
		);
		const [one, two] = [read(first), read(second)];
		add(
			"values-swapped",
			"value-damaged",
			write(first, two).replace(lineOf(format, second), (_, head, __, tail) => head + one + tail) + metadata,
		);
		add("item-deleted", "mac-mismatch", without(targets.deleted ?? second) + metadata);
	}
	add("clear-in-encrypted-place", "value-not-encrypted", write(first, "clear") + metadata);
	add("mac-removed", "mac-missing", dropField("mac"));
	add("mac-of-value", "mac-damaged", writeField("mac", read(first)));
	add("lastmodified-changed", "mac-damaged", writeField("lastmodified", quote("2001-02-03T04:05:06Z")));
	add("metadata-removed", "not-encrypted", jsonLike ? data.replace(/,\s*$/, "\n}\n") : data);
	add("lastmodified-not-a-time", "metadata-invalid", writeField("lastmodified", quote("yesterday")));
	if (format !== "binary") add("selectors-two", "selector-conflict", twoSelectors());
	add("enc-damaged", "data-key-unavailable", data + damagedEnc(metadata));
	add("wrong-identity", "data-key-unavailable", text, { identities: ["stranger"] });
	if (clear && !made.macOnlyEncrypted) {
		add("clear-changed", "mac-mismatch", write(clear, "changed") + metadata);
		const line = new RegExp(lineOf(format, clear).source, "m");
		add(
			"clear-added",
			"mac-mismatch",
			made.clearPlace
				? text.replace(made.clearPlace, made.clearAdded)
				: data.replace(line, (whole) => {
						const ended = jsonLike && !whole.endsWith(",") ? `${whole},` : whole;
						const copied = whole.replace(
							clear,
							clear.includes("_unencrypted") ? `added_${clear}` : (targets.added ?? clearTwin()),
						);
						return `${ended}\n${copied}`;
					}) + metadata,
		);
	}
	if (jsonLike) {
		add("truncated", "syntax-invalid", text.slice(0, -3));
		add("truncated-after-key", "syntax-invalid", text.replace(/\n\}\n$/, ',\n\t"more":'), {
			referenceMayAccept: true,
		});
		add("trailing-data", "syntax-invalid", `${text}{}\n`, { referenceMayAccept: true });
	}
	if (format === "yaml") add("syntax-broken", "syntax-invalid", `${text}broken: [\n`);
	if (made.documents) {
		// At the start of a line: the armor of age ends in `---` too.
		const parts = text.split(/^---\n/m);
		add("document-deleted", "mac-mismatch", parts.slice(1).join("---\n"));
		add("documents-swapped", "mac-mismatch", [parts[1], parts[0], ...parts.slice(2)].join("---\n"));
	}
	if (made.keyGroups?.length > 1) {
		add("too-few-identities", "data-key-unavailable", text, { identities: ["first"] });
	}

	if (damage !== "all") return twins;

	add("mac-empty", "mac-missing", writeField("mac", jsonLike ? "" : '""'));
	add("mac-flipped", "mac-damaged", writeField("mac", flip(readField("mac"), 1)));
	add("mac-clear", "mac-damaged", writeField("mac", "0123456789ABCDEF"));
	add("version-missing", "metadata-invalid", dropVersion());
	add("shamir-threshold-not-a-number", "metadata-invalid", addField("shamir_threshold", "many"));
	add(
		"metadata-not-a-map",
		"metadata-invalid",
		jsonLike ? data.replace(/\s*$/, '\n\t"sops": "text"\n}\n') : `${data}sops: text\n`,
	);
	add("text-as-int", "value-damaged", retype(first, "int"));
	add("text-as-float", "value-damaged", retype(first, "float"));
	add("text-as-bool", "value-damaged", retype(first, "bool"));
	add("text-as-time", "value-damaged", retype(first, "time"));
	add("text-as-unknown-type", "value-damaged", retype(first, "colour"));
	add("text-as-bytes", "value-damaged", retype(first, "bytes"));
	if (float) add("float-as-int", "value-damaged", retype(float, "int"));
	if (bool) add("bool-as-int", "value-damaged", retype(bool, "int"));
	if (int) add("int-as-time", "value-damaged", retype(int, "time"));
	if (time) add("time-as-float", "value-damaged", retype(time, "float"));
	add(
		"envelope-cut",
		"value-damaged",
		write(first, read(first).slice(0, read(first).indexOf(",tag:"))) + metadata,
	);
	add("base64-broken", "value-damaged", write(first, read(first).replace("data:", "data:*")) + metadata);
	const number = jsonLike
		? data.replace(lineOf(format, first), (_, head, __, tail) => `${head.slice(0, -1)}12${tail.slice(1)}`)
		: write(first, "12");
	add("clear-number-in-encrypted-place", "value-not-encrypted", number + metadata);
	if (made.listSwap) {
		const items = [...data.matchAll(new RegExp(sealed.source, "g"))];
		const start = data.search(jsonLike ? /^\t"list"/m : /^list:/m);
		const [one, two] = items.filter((item) => item.index > start).slice(0, 2);
		add(
			"list-items-swapped",
			"mac-mismatch",
			data.slice(0, one.index) +
				two[0] +
				data.slice(one.index + one[0].length, two.index) +
				one[0] +
				data.slice(two.index + two[0].length) +
				metadata,
		);
	}
	return twins;

	/** The data without the line of a key; in JSON, the item before the last one loses its comma. */
	function without(key) {
		const [line] = lineOf(format, key).exec(data);
		return jsonLike && !line.endsWith(",")
			? data.replace(`,\n${line}\n`, "\n")
			: data.replace(`${line}\n`, "");
	}

	function quote(value) {
		return format === "yaml" ? `"${value}"` : value;
	}

	function clearTwin() {
		return clear === "service" ? "server" : `${clear}_too`;
	}

	function twoSelectors() {
		const absent = ["unencrypted_suffix", "encrypted_suffix"].find(
			(name) => !lineOf(format, metadataKey(format, name)).test(metadata),
		);
		return addField(absent, "_x");
	}

	function dropVersion() {
		if (!jsonLike) return dropField("version");
		return data + metadata.replace(/,\n\t\t"version": .*\n/, "\n");
	}
}

/** Changes one character in the body of every wrapped data key. */
function damagedEnc(metadata) {
	return metadata.replace(/(AGE ENCRYPTED FILE-----(?:\n\s*|\\n))YWdl/g, "$1ZWdl");
}
