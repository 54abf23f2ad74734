// What the reference makes of a configuration: its code, asked by the oracle, and the command.
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { OracleError } from "../reference/client.mjs";

export async function recordConfig(reference, made) {
	const code = await askCode(reference, made);
	const groups = code.rule?.keyGroups.flat() ?? [];
	// Keys of other types would be looked for on the network and in the home folder.
	const runs = !made.destination && groups.every((key) => key.type === "age");
	return runs ? { code, command: await askCommand(reference, made) } : { code };
}

async function askCode(reference, { config, file = "secret.yaml", destination = false, kmsContext = {} }) {
	try {
		return await reference.oracle.call("rule", { text: config, file, destination, kmsContext });
	} catch (error) {
		if (!(error instanceof OracleError)) throw error;
		return error.panic ? { panics: true } : { refused: error.stage };
	}
}

async function askCommand(reference, { config, file = "secret.yaml" }) {
	const folder = await mkdtemp(join(tmpdir(), "sopskit-config-"));
	try {
		const home = join(folder, "up", "home");
		await mkdir(home, { recursive: true });
		await writeFile(join(home, ".sops.yaml"), config);
		const args = ["encrypt", "--input-type", "json", "--filename-override", file];
		const run = await reference.runSops(args, { cwd: home, input: '{"a": {"b": 1}}' });
		if (run.status !== 0) return { refused: run.status };
		const second = await reference.runSops(
			["encrypt", "--input-type", "json", "--output-type", "json", "--filename-override", file],
			{ cwd: home, input: '{"a": {"b": 1}}' },
		);
		const { sops } = JSON.parse(second.stdout);
		const recipients = ({ age = [] }) => age.map((key) => key.recipient);
		return {
			recipients: sops.key_groups ? sops.key_groups.map(recipients) : [recipients(sops)],
			...(sops.shamir_threshold && { shamirThreshold: sops.shamir_threshold }),
			...(sops.mac_only_encrypted && { macOnlyEncrypted: true }),
			selectors: Object.fromEntries(
				Object.entries(sops).filter(([name]) => /^(?:un)?encrypted_.*(?:suffix|regex)$/.test(name)),
			),
			/** Blanks or tab of the first level. */
			indent: /^([ \t]+)\S/m.exec(run.stdout)?.[1] ?? "",
		};
	} finally {
		await rm(folder, { recursive: true, force: true });
	}
}
