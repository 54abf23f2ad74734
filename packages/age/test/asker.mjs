// An age plugin of the tests: `age-plugin-asker`. It hides a file key behind the data of its recipient, which is no
// cryptography at all, and asks questions on the way, as ASKER in its environment says:
//
//   quiet      asks nothing
//   questions  asks everything there is, and opens for the right answers only
//   refuse     reports an error that holds its identity
//   rubbish, twice, flood, hang, die   does not keep to the protocol
import { createInterface } from "node:readline";

const mode = process.env.ASKER ?? "questions";
const protocol = process.argv[2]?.replace("--age-plugin=", "");
const encode = (bytes) => Buffer.from(bytes).toString("base64").replace(/=+$/, "");

const lines = createInterface({ input: process.stdin })[Symbol.asyncIterator]();
async function receive() {
	const { value: line, done } = await lines.next();
	if (done) process.exit(0);
	const args = line.split(" ").slice(1);
	let body = "";
	for (;;) {
		const part = (await lines.next()).value;
		body += part;
		if (part.length < 64) return { args, body: Buffer.from(body, "base64") };
	}
}
function send(args, body = "") {
	const text = encode(body);
	const parts = text.match(/.{1,64}/g) ?? [];
	if (text.length % 64 === 0) parts.push("");
	process.stdout.write(`-> ${args.join(" ")}\n${parts.join("\n")}\n`);
}
async function ask(args, body) {
	send(args, body);
	return receive();
}

const words = [];
const stanzas = [];
let fileKey;
for (;;) {
	const { args, body } = await receive();
	if (args[0] === "done") break;
	if (args[0] === "add-identity" || args[0] === "add-recipient") words.push(args[1]);
	if (args[0] === "recipient-stanza") stanzas.push({ args: args.slice(2), body });
	if (args[0] === "wrap-file-key") fileKey = body;
}

if (mode === "rubbish") process.stdout.write("-> not base64\n!!!\n");
if (mode === "flood")
	for (;;)
		process.stdout.write("x".repeat(1 << 16)) ||
			(await new Promise((go) => process.stdout.once("drain", go)));
if (mode === "hang") await new Promise((go) => setTimeout(go, 120_000));
if (mode === "die") process.exit(1);
if (mode === "refuse") {
	await ask(["error", "identity", "0"], `no key for ${words[0]}`);
	send(["done"]);
	process.exit(0);
}
if (mode === "questions") {
	await ask(["msg"], "touch nothing");
	await ask(["unheard-of", "thing"], "really");
	const name = await ask(["request-public"], "What is your name?");
	const pin = await ask(["request-secret"], "What is your PIN?");
	const sure = await ask(["confirm", encode("Yes, please"), encode("No, thanks")], "Are you sure?");
	const seen = await ask(["confirm", encode("Understood")], "This is a test.");
	const answers =
		[name, pin].map(({ args, body }) => `${args[0]}:${body}`).join() +
		[sure, seen].map(({ args }) => `,${args.join(":")}`).join("");
	if (answers !== "ok:someone,ok:1234,ok:yes,ok:yes") {
		await ask(["error", "internal"], answers);
		send(["done"]);
		process.exit(0);
	}
}

/** The data of the Bech32 texts `age1asker1…` and `AGE-PLUGIN-ASKER-1…` differ in their sums only. */
const secret = Buffer.from(
	words[0].toLowerCase().replace(/^.*1/, "").slice(0, -6).padEnd(16, "q").slice(0, 16),
);
const hide = (bytes) => Buffer.from(bytes).map((byte, at) => byte ^ secret[at % secret.length]);
if (protocol === "recipient-v1") {
	await ask(["recipient-stanza", "0", "asker", encode(secret.subarray(0, 4))], hide(fileKey));
} else {
	for (const { args, body } of stanzas) {
		if (args[0] !== "asker" || args[1] !== encode(secret.subarray(0, 4))) continue;
		await ask(["file-key", "0"], hide(body));
		if (mode === "twice") await ask(["file-key", "0"], hide(body));
		break;
	}
}
send(["done"]);
