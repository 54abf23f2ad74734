// Makes vectors/seeds with the real sops: every file of tools/fuzz/seeds, encrypted in the ways of seed-cases.mjs. A
// folder is made anew only when its seed or its variants have changed, or its name is given
// (`node tools/vectors/make-seeds.mjs yaml/helm-values`).
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { missingReference, openReference } from "../reference/client.mjs";
import { seedDamages, spliceTo, variantsOf } from "./seed-cases.mjs";

const root = join(dirname(fileURLToPath(import.meta.url)), "..", "..");
const seeds = join(root, "tools", "fuzz", "seeds");
const vectors = join(root, "vectors");
const named = process.argv.slice(2);

const reference = openReference();
if (!reference) {
	console.error(`vectors: lacking ${missingReference().join(", ")}: run node tools/reference/install.mjs`);
	process.exit(1);
}
const keys = Object.fromEntries(
	["first", "second", "third"].map((name) => {
		const text = readFileSync(join(vectors, "keys", `${name}.txt`), "utf8");
		return [name, { text, recipient: /public key: (\S+)/.exec(text)[1] }];
	}),
);

for (const format of readdirSync(seeds)) {
	for (const file of readdirSync(join(seeds, format))) await make(format, file);
}
await reference.oracle.close();

async function make(format, file) {
	const name = `${format}/${file.replace(/\.[^.]*$/, "")}`;
	const extension = file.replace(/^.*\./, "");
	const folder = join(vectors, "seeds", name);
	const variants = variantsOf(format);
	const plain = readFileSync(join(seeds, format, file));
	const recorded = join(folder, "case.json");
	if (existsSync(recorded) && !named.includes(name)) {
		const before = JSON.parse(readFileSync(recorded, "utf8"));
		const asked = [...before.variants.map((variant) => variant.asked), ...before.unreadable];
		const same = variants.every((one) =>
			asked.some((other) => JSON.stringify(one) === JSON.stringify(other)),
		);
		if (same && readFileSync(join(folder, `plain.${extension}`)).equals(plain)) return;
	}
	rmSync(folder, { recursive: true, force: true });
	mkdirSync(folder, { recursive: true });
	writeFileSync(join(folder, `plain.${extension}`), plain);
	const kept = keeper(folder);
	const made = [];
	const unreadable = [];
	for (const asked of variants) {
		const variant = await encrypt(format, name, folder, extension, asked, kept);
		if (variant === undefined) unreadable.push(asked);
		else made.push(variant);
	}
	const record = { format, extension, variants: made, unreadable };
	writeFileSync(recorded, `${JSON.stringify(record, undefined, "\t")}\n`);
	console.log(`vectors: made seeds/${name}`);
}

/** `undefined` when sops cannot read what it wrote (docs/decisions/0009-files-that-sops-cannot-read-again.md). */
async function encrypt(format, name, folder, extension, asked, kept) {
	const { keyGroups = [["first"]], identities = ["first"], selectors = {} } = asked;
	const types = ["--input-type", format, "--output-type", format];
	const command = [
		"--encrypt",
		...(asked.indent === undefined ? [] : ["--indent", String(asked.indent)]),
		...(asked.macOnlyEncrypted ? ["--mac-only-encrypted"] : []),
		...Object.entries(selectors).flatMap(([option, value]) => [`--${option.replaceAll("_", "-")}`, value]),
		...(keyGroups.length === 1 ? ["--age", keyGroups[0].map((key) => keys[key].recipient).join(",")] : []),
		...types,
	];
	const config = join(folder, ".sops.yaml");
	if (keyGroups.length > 1) {
		const groups = keyGroups.map((group) => ({ age: group.map((key) => keys[key].recipient) }));
		const rule = { shamir_threshold: asked.shamirThreshold, key_groups: groups };
		writeFileSync(config, `${JSON.stringify({ creation_rules: [rule] })}\n`);
	}
	const encrypted = await succeed([...command, join(folder, `plain.${extension}`)], name, { cwd: folder });
	rmSync(config, { force: true });
	const path = join(folder, `${asked.name}.${extension}`);
	writeFileSync(path, encrypted);
	const secrets = identities.map((key) => keys[key].text).join("\n");
	const {
		status,
		bytes: decrypted,
		stderr,
	} = await reference.runSops(["--decrypt", ...types, path], { env: { SOPS_AGE_KEY: secrets } });
	if (status !== 0) {
		console.log(`vectors: left out seeds/${name}, ${asked.name}: ${stderr.trim().split("\n").at(-1)}`);
		rmSync(path);
		return undefined;
	}
	const { dataKey, storedMac, tree } = await reference.oracle.call("decrypt", {
		format,
		text: encrypted,
		ageIdentity: secrets,
	});
	const text = encrypted.toString("latin1");
	const damaged = [];
	for (const twin of seedDamages(format, text)) {
		const outcome = await reference.oracle
			.call("decrypt", { format, text: Buffer.from(twin.text, "latin1"), ageIdentity: secrets })
			.then(
				() => "accepts",
				({ panic }) => (panic ? "panics" : "refuses"),
			);
		if (outcome === "accepts") throw new Error(`${name}, ${asked.name}: sops accepts ${twin.name}`);
		const [at, remove, insert] = spliceTo(text, twin.text);
		damaged.push({ name: twin.name, expect: twin.expect, reference: outcome, at, remove, insert });
	}
	return {
		asked,
		command: [...command, `plain.${extension}`],
		keyGroups: keyGroups.map((group) => group.map((key) => keys[key].recipient)),
		identities,
		decrypted: kept("decrypted", extension, decrypted),
		tree: kept("tree", "json", Buffer.from(`${JSON.stringify(tree)}\n`)),
		dataKey: dataKey.toString("base64"),
		mac: storedMac,
		damaged,
	};
}

/** Writes a content once, however many variants give it. */
function keeper(folder) {
	const known = new Map();
	return (name, extension, bytes) => {
		const content = `${name} ${bytes.toString("latin1")}`;
		const found = known.get(content);
		if (found !== undefined) return found;
		const number = [...known.keys()].filter((one) => one.startsWith(`${name} `)).length;
		const file = number === 0 ? `${name}.${extension}` : `${name}-${number + 1}.${extension}`;
		writeFileSync(join(folder, file), bytes);
		known.set(content, file);
		return file;
	};
}

async function succeed(args, name, options) {
	const { status, bytes, stderr } = await reference.runSops(args, options);
	if (status !== 0) throw new Error(`${name}: sops ${args.join(" ")}: ${stderr}`);
	return bytes;
}
