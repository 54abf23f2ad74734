// Decrypts a Kubernetes Secret, changes one value, meets a tampered copy, and encrypts a file of its own.
// Needs no sops binary; where there is one, it reads what this program wrote.
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createSops, isSopsError } from "sopskit";

const here = (name) => join(import.meta.dirname, name);
const keyFile = here("demo-identity.txt");
const recipient = /age1\w+/.exec(readFileSync(keyFile, "utf8"))[0];
// A program of yours passes process.env, and finds its keys where sops finds them.
const sops = createSops({ environment: { SOPS_AGE_KEY_FILE: keyFile, SOPS_AGE_RECIPIENTS: recipient } });
const folder = mkdtempSync(join(tmpdir(), "quick-start-"));

try {
	console.log("1. secret.yaml was encrypted by sops. Decrypted and verified, it is typed data:\n");
	const doc = await sops.decryptFile(here("secret.yaml"));
	console.log(doc.data.stringData);

	console.log("\n2. One value is changed. These lines of the file are new, every other byte stays:\n");
	const before = readFileSync(here("secret.yaml"), "utf8");
	const edited = await sops.editDocument(before, { format: "yaml" }, (draft) => {
		draft.set(["stringData", "password"], "correct horse");
	});
	showChanges(before, edited.text);

	console.log("\n3. In a tampered copy, the password stands in the place of the username:\n");
	const password = /password: (.*)/.exec(before)[1];
	try {
		await sops.decryptDocument(before.replace(/username: .*/, `username: ${password}`), { format: "yaml" });
	} catch (error) {
		if (!isSopsError(error)) throw error;
		console.log(`refused (${error.code}): ${error.message}`);
	}

	console.log("\n4. The decrypted Secret is encrypted again, to another file:\n");
	const output = join(folder, "secret.yaml");
	writeFileSync(output, doc.text());
	await sops.encryptFile(output, { encryptedRegex: "^(data|stringData)$" });
	console.log(readFileSync(output, "utf8").split("\n").slice(11, 16).map(shorten).join("\n"));

	console.log("\n5. What sops says to it:\n");
	console.log(askSops(output, doc.text()));
} finally {
	rmSync(folder, { recursive: true });
}

function showChanges(before, after) {
	const old = before.split("\n");
	for (const [index, line] of after.split("\n").entries()) {
		if (line !== old[index]) console.log(`- ${shorten(old[index])}\n+ ${shorten(line)}`);
	}
}

function shorten(line = "") {
	return line.length <= 70 ? line : `${line.slice(0, 58)}…${line.slice(-11)}`;
}

function askSops(path, expected) {
	try {
		const env = { ...process.env, SOPS_AGE_KEY_FILE: keyFile };
		const text = execFileSync("sops", ["decrypt", path], { env, encoding: "utf8" });
		return text === expected ? "sops decrypts it to the same text." : "sops decrypts it to another text!";
	} catch (error) {
		if (error.code === "ENOENT")
			return "There is no sops on the PATH to ask. The tests of sopskit do ask it.";
		throw error;
	}
}
