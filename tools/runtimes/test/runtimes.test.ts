import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { armor, Encrypter } from "age-encryption";
import { build } from "esbuild";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { age, generateIdentity } from "../../../packages/age/src/index.ts";
import { sshIdentity } from "../../../packages/age/src/node.ts";
import { ASKER, installAsker } from "../../../packages/age/test/asker.ts";
import { PASSPHRASE, sshKey } from "../../../packages/age/test/keys.ts";
import { decryptDocument } from "../../../packages/core/src/index.ts";
import type { NodeTask } from "../node-program.ts";
import { findBun, findChromium, findDeno } from "../place.mjs";
import type { Outcome, Task } from "../program.ts";

// The packages elsewhere than in Node: in a real Chromium, in Deno and in Bun. What is not installed is skipped by
// name, and a failure where SOPSKIT_REQUIRE_REFERENCE is 1.

const here = join(import.meta.dirname, "..");
const vector = join(here, "..", "..", "vectors", "yaml", "kubernetes-secret");
const required = process.env.SOPSKIT_REQUIRE_REFERENCE === "1";

let folder: string;
let task: Task;
let asker: ReturnType<typeof installAsker>;
beforeAll(async () => {
	folder = mkdtempSync(join(tmpdir(), "sopskit-runtimes-"));
	asker = installAsker();
	const other = await generateIdentity();
	const encrypter = new Encrypter();
	encrypter.setPassphrase(PASSPHRASE);
	encrypter.setScryptWorkFactor(10);
	task = {
		encrypted: readFileSync(join(vector, "encrypted.yaml"), "utf8"),
		keyFile: readFileSync(join(here, "..", "..", "vectors", "keys", "first.txt"), "utf8"),
		protectedKeyFile: armor.encode(await encrypter.encrypt(other.keyFile)),
		passphrase: PASSPHRASE,
		protectedRecipient: other.recipient,
		sshRecipients: ["ed25519", "rsa"].map((name) => sshKey(`${name}.pub`).trim()),
	};
});
afterAll(() => {
	asker.remove();
	rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
});

/** One script of a program and its task, as a bundler would make it. */
async function bundle(file: string, call: string, platform: "browser" | "node"): Promise<string> {
	const { outputFiles } = await build({
		stdin: {
			contents: `import { ${call.split("(")[0]} } from "./${file}"; const outcome = ${call}; report(outcome);`,
			resolveDir: here,
		},
		bundle: true,
		write: false,
		platform,
		format: platform === "browser" ? "iife" : "esm",
		target: "es2022",
		conditions: ["@sopskit/source"],
		logLevel: "silent",
		...(platform === "node" && {
			banner: {
				js: 'import { createRequire as __createRequire } from "node:module"; const require = __createRequire(import.meta.url);',
			},
		}),
	});
	return outputFiles[0]!.text;
}

async function checkOutcome(outcome: Outcome): Promise<void> {
	expect(outcome.decrypted).toBe(readFileSync(join(vector, "decrypted.yaml"), "utf8"));
	const greeting = { greeting: "hello" };
	expect(outcome.opened).toEqual({ x25519: greeting, hybrid: greeting, protected: greeting });
	expect(outcome.strangerCode).toBe("data-key-unavailable");
	for (const identities of [
		outcome.identity,
		...["ed25519", "rsa"].map((name) => sshIdentity(sshKey(name))),
	]) {
		const providers = [age({ identities })];
		expect((await decryptDocument(outcome.encrypted, { format: "yaml", providers })).data).toEqual(greeting);
	}
}

function suite(name: string, path: string | undefined, define: (path: string) => void): void {
	describe(name, () => {
		if (path !== undefined) define(path);
		else if (required) it("is not installed", () => expect.unreachable(`${name} is not installed`));
		else it.skip(`is not installed`, () => {});
	});
}

/** Runs a program to its end, in an environment of its own. */
async function run(program: string, parameters: readonly string[]): Promise<string> {
	const child = spawn(program, parameters, {
		env: { PATH: process.env.PATH, HOME: folder, DENO_DIR: join(folder, "deno"), NO_COLOR: "1" },
		stdio: ["ignore", "pipe", "pipe"],
	});
	let [out, err] = ["", ""];
	child.stdout.on("data", (text) => {
		out += text;
	});
	child.stderr.on("data", (text) => {
		err += text;
	});
	const status = await new Promise((resolve, reject) => child.on("close", resolve).on("error", reject));
	if (status !== 0) throw new Error(`${program} ended with ${status}: ${err}`);
	return out;
}

for (const [name, start] of [
	["Deno", findDeno() && [process.execPath, findDeno()!, "run", "--allow-all", "--quiet"]],
	["Bun", findBun() && [findBun()!]],
] as const) {
	suite(name, start?.[0], () => {
		const [program, ...parameters] = start!;
		const report = "const report = async (work) => console.log(JSON.stringify(await work));\n";
		const inRuntime = async (file: string, call: string, platform: "browser" | "node") => {
			const script = join(folder, `${name}-${file}-${platform}.mjs`);
			const text = await bundle(file, call, platform);
			const at = platform === "node" ? text.indexOf("\n") + 1 : 0;
			writeFileSync(script, text.slice(0, at) + report + text.slice(at));
			return JSON.parse(await run(program!, [...parameters, script]));
		};

		it.each(["node", "browser"] as const)(
			"decrypts and encrypts a file with the bundle for %s",
			async (platform) => {
				await checkOutcome(await inRuntime("program.ts", `perform(${JSON.stringify(task)})`, platform));
			},
		);

		it("uses SSH keys, plugins and the environment", async () => {
			const { identity, recipient } = await generateIdentity();
			const nodeTask: NodeTask = {
				sshKey: sshKey("ed25519-protected"),
				sshRecipient: sshKey("ed25519-protected.pub"),
				passphrase: PASSPHRASE,
				pluginRecipient: ASKER.recipient,
				pluginIdentity: ASKER.identity,
				pluginEnvironment: { PATH: asker.path, ASKER: "quiet" },
				environment: { HOME: folder, SOPS_AGE_KEY_CMD: `echo ${identity}`, PATH: process.env.PATH! },
				recipient,
			};
			const call = `performOnNode(${JSON.stringify(nodeTask)})`;
			expect(await inRuntime("node-program.ts", call, "node")).toEqual(["ssh", "plugin", "command"]);
		});
	});
}

suite("Chromium", findChromium(), (chromium) => {
	it("decrypts and encrypts a file", async () => {
		const call = `perform(${JSON.stringify(task)}).catch((error) => ({ failure: String(error?.stack) }))`;
		const script = await bundle("program.ts", call, "browser");
		expect(script).not.toMatch(/["']node:/);
		const report =
			'const report = async (work) => fetch("/outcome", { method: "POST", body: JSON.stringify(await work) });';
		const page = `<!doctype html><meta charset="utf-8"><script>${report}</script><script src="/script.js"></script>`;
		let answer = (_: string): void => {};
		const answered = new Promise<string>((resolve) => {
			answer = resolve;
		});
		const server = createServer((request, response) => {
			if (request.method === "POST") {
				let body = "";
				request.on("data", (text) => {
					body += text;
				});
				request.on("end", () => {
					response.end();
					answer(body);
				});
				return;
			}
			const isScript = request.url === "/script.js";
			response.setHeader("Content-Type", isScript ? "text/javascript; charset=utf-8" : "text/html");
			response.end(isScript ? script : page);
		});
		await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
		const address = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
		const profile = join(folder, "profile");
		const flags = [
			"--headless=new",
			"--no-sandbox",
			"--disable-gpu",
			"--no-first-run",
			`--user-data-dir=${profile}`,
		];
		// A group of its own: Chromium is many processes.
		const browser = spawn(chromium, [...flags, address], {
			env: { PATH: process.env.PATH, HOME: folder },
			stdio: "ignore",
			detached: true,
		});
		const ended = new Promise<void>((resolve) => browser.on("close", () => resolve()));
		try {
			const early = ended.then(() => Promise.reject(new Error("Chromium ended before it answered")));
			const outcome = JSON.parse(await Promise.race([answered, early]));
			expect(outcome.failure).toBeUndefined();
			await checkOutcome(outcome);
		} finally {
			try {
				process.kill(-browser.pid!, "SIGKILL");
			} catch {
				// It has ended.
			}
			await ended;
			server.closeAllConnections();
			server.close();
		}
	}, 120_000);
});
