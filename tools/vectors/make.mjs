// Makes vectors/ with the real sops. Encrypted files are random by nature: one is made again only when its case
// has changed, or its name is given (`node tools/vectors/make.mjs yaml/comments`). Damaged twins follow from it.
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { missingReference, openReference } from "../reference/client.mjs";
import { cases } from "./cases.mjs";
import { damages } from "./damage.mjs";

const vectors = join(dirname(fileURLToPath(import.meta.url)), "..", "..", "vectors");
const extensions = { yaml: "yaml", json: "json", dotenv: "env", ini: "ini", binary: "bin" };
const named = process.argv.slice(2);

const reference = openReference();
if (!reference) {
	console.error(`vectors: lacking ${missingReference().join(", ")}: run node tools/reference/install.mjs`);
	process.exit(1);
}
const { sops: version } = await reference.oracle.call("version", {});

const keys = {};
for (const name of ["first", "second", "third", "stranger"]) keys[name] = await key(name);

for (const made of cases) await make(made);
await reference.oracle.close();

async function key(name) {
	const file = join(vectors, "keys", `${name}.txt`);
	if (!existsSync(file)) {
		const { stdout } = await reference.runAgeKeygen([]);
		mkdirSync(dirname(file), { recursive: true });
		const lines = stdout.split("\n").filter((line) => !line.startsWith("# created"));
		writeFileSync(
			file,
			["# FOR TESTS ONLY: published with the sources, protects nothing.", ...lines].join("\n"),
		);
	}
	const text = readFileSync(file, "utf8");
	return { text, recipient: /public key: (\S+)/.exec(text)[1] };
}

async function make(made) {
	const format = made.name.split("/")[0];
	const extension = extensions[format];
	const folder = join(vectors, made.name);
	const file = (name) => join(folder, `${name}.${extension}`);
	const types = ["--input-type", format, "--output-type", format];
	const keyGroups = made.keyGroups ?? [["first"]];
	const identities = made.identities ?? ["first"];
	const command = [
		"--encrypt",
		...(made.indent === undefined ? [] : ["--indent", String(made.indent)]),
		...(made.macOnlyEncrypted ? ["--mac-only-encrypted"] : []),
		...Object.entries(made.selectors ?? {}).flatMap(([name, value]) => [
			`--${name.replaceAll("_", "-")}`,
			value,
		]),
		...(keyGroups.length === 1 ? ["--age", keyGroups[0].map((name) => keys[name].recipient).join(",")] : []),
		...types,
	];
	const recorded = {
		format,
		sops: version,
		command: [...command, `plain.${extension}`],
		selectors: made.selectors ?? {},
		macOnlyEncrypted: made.macOnlyEncrypted ?? false,
		...(made.indent === undefined ? {} : { indent: made.indent }),
		keyGroups: keyGroups.map((group) => group.map((name) => keys[name].recipient)),
		...(made.shamirThreshold ? { shamirThreshold: made.shamirThreshold } : {}),
		identities,
	};

	const plain = Buffer.from(made.plain);
	const before = existsSync(join(folder, "case.json"))
		? JSON.parse(readFileSync(join(folder, "case.json"), "utf8"))
		: {};
	const same =
		!named.includes(made.name) &&
		existsSync(file("encrypted")) &&
		readFileSync(file("plain")).equals(plain) &&
		Object.entries(recorded).every(([name, value]) => JSON.stringify(before[name]) === JSON.stringify(value));
	if (!same) {
		mkdirSync(folder, { recursive: true });
		writeFileSync(file("plain"), plain);
		const config = join(folder, ".sops.yaml");
		if (keyGroups.length > 1) {
			const groups = recorded.keyGroups.map((group) => ({ age: group }));
			const rule = { shamir_threshold: made.shamirThreshold, key_groups: groups };
			writeFileSync(config, `${JSON.stringify({ creation_rules: [rule] }, undefined, "\t")}\n`);
		}
		const encrypted = await succeed([...command, file("plain")], made.name, { cwd: folder });
		writeFileSync(file("encrypted"), encrypted);
		const decrypted = await succeed(["--decrypt", ...types, file("encrypted")], made.name, {
			env: { SOPS_AGE_KEY: secrets(identities) },
		});
		writeFileSync(file("decrypted"), decrypted);
		console.log(`vectors: made ${made.name}`);
	}

	const encrypted = readFileSync(file("encrypted"));
	const { dataKey, storedMac, tree } = await reference.oracle.call("decrypt", {
		format,
		text: encrypted,
		ageIdentity: secrets(identities),
	});
	writeFileSync(join(folder, "tree.json"), `${JSON.stringify(tree, undefined, "\t")}\n`);

	rmSync(join(folder, "damaged"), { recursive: true, force: true });
	const damaged = [];
	for (const twin of damages(made, format, encrypted.toString("utf8"))) {
		const name = twin.identities ? `encrypted.${extension}` : `damaged/${twin.name}.${extension}`;
		const path = join(folder, name);
		if (!twin.identities) {
			mkdirSync(dirname(path), { recursive: true });
			writeFileSync(path, twin.text);
		}
		const { status, stderr, stdout } = await reference.runSops(["--decrypt", ...types, path], {
			env: { SOPS_AGE_KEY: secrets(twin.identities ?? identities) },
		});
		if (status === 0 && !twin.referenceMayAccept)
			throw new Error(`${made.name}: sops accepts ${twin.name}:\n${stdout}`);
		damaged.push({
			name: twin.name,
			file: name,
			expect: twin.expect,
			identities: twin.identities ?? identities,
			reference: status === 0 ? "accepts" : /^panic:/m.test(stderr) ? "panics" : "refuses",
			...(status === 0
				? {}
				: {
						says: stderr
							.replace(/^.*level=warning.*\n/gm, "")
							.trim()
							.split("\n")[0],
					}),
		});
	}
	const record = { ...recorded, dataKey: dataKey.toString("base64"), mac: storedMac, damaged };
	writeFileSync(join(folder, "case.json"), `${JSON.stringify(record, undefined, "\t")}\n`);
}

function secrets(names) {
	return names.map((name) => keys[name].text).join("\n");
}

async function succeed(args, name, options) {
	const { status, bytes, stderr } = await reference.runSops(args, options);
	if (status !== 0) throw new Error(`${name}: sops ${args.join(" ")}: ${stderr}`);
	return bytes;
}
