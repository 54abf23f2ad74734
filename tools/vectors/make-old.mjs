// Makes vectors/old with older versions of the real sops, each built by hand into <folder>/<version>/sops:
//
//   GOBIN=<folder>/3.8.1 go install github.com/getsops/sops/v3/cmd/sops@v3.8.1
//
// Before 3.8 it was go.mozilla.org/sops/v3, which `go install` refuses (the proxy lists no versions of it); in a folder
// whose go.mod requires it: GOFLAGS=-mod=mod go build -o <folder>/3.7.3/sops go.mozilla.org/sops/v3/cmd/sops.
// 3.13.0 does not build: the checksum database does not know its version of the Huawei SDK.
//
//   node tools/vectors/make-old.mjs <folder>
//
// What each wrote is decrypted by the pinned reference; that output is what we must give.
import { execFileSync } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { missingReference, openReference } from "../reference/client.mjs";

const vectors = join(dirname(fileURLToPath(import.meta.url)), "..", "..", "vectors");
const identity = readFileSync(join(vectors, "keys", "first.txt"), "utf8");
const recipient = /public key: (\S+)/.exec(identity)[1];
const folder = process.argv[2];
const reference = openReference();
if (folder === undefined || !reference) {
	console.error(`usage: make-old.mjs FOLDER, with the reference installed (lacking: ${missingReference()})`);
	process.exit(1);
}

const plain = {
	yaml: `# head
text: plain words
int: 42
big: 9007199254740993
float: 1.5
bool: true
none: null
empty: ""
lines: |
    one
    two
# above the list
list:
    - first
    # inside
    - 2
    - key: value
shown_unencrypted: in clear
---
second: document
`,
	json: '{"text": "plain words", "int": 42, "float": 1.5, "bool": true, "none": null, "empty": "", "list": ["a", 2, {"k": "v"}], "shown_unencrypted": "in clear"}\n',
	dotenv: "# head\nTEXT=plain words\nEMPTY=\nLINES=one\\ntwo\nSHOWN_unencrypted=in clear\n",
	ini: "; head\n[section]\ntext = plain words\n; about\nother = x y\nshown_unencrypted = in clear\n",
	binary: "any\0bytes\n",
};
const extensions = { yaml: "yaml", json: "json", dotenv: "env", ini: "ini", binary: "bin" };

for (const version of readdirSync(folder).sort()) {
	const sops = join(folder, version, "sops");
	const target = join(vectors, "old", version);
	mkdirSync(target, { recursive: true });
	for (const [format, text] of Object.entries(plain)) {
		const types = ["--input-type", format, "--output-type", format];
		const source = join(target, `plain.${extensions[format]}`);
		writeFileSync(source, text);
		const encrypted = execFileSync(sops, ["--encrypt", "--age", recipient, ...types, source], {
			env: { PATH: process.env.PATH, HOME: "/nonexistent" },
		});
		const file = join(target, `encrypted.${extensions[format]}`);
		writeFileSync(file, encrypted);
		const { status, bytes, stderr } = await reference.runSops(["--decrypt", ...types, file], {
			env: { SOPS_AGE_KEY: identity },
		});
		if (status !== 0) throw new Error(`${version} ${format}: ${stderr}`);
		writeFileSync(join(target, `decrypted.${extensions[format]}`), bytes);
	}
}
