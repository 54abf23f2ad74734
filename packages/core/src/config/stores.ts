import type { YamlNode } from "../formats/yaml/node.ts";
import type { Path } from "../path.ts";
import type { StoreOptions, Stores } from "./config.ts";
import { configInvalid } from "./problem.ts";
import type { Reader } from "./reader.ts";

const NAMES: readonly string[] = ["dotenv", "ini", "json_binary", "json", "yaml"];
/** The most that operations take as `indent`. */
const MAX_INDENT = 64;

/**
 * @throws SopsError `config-invalid` also for an indent that no file could be written with, where the reference waits
 * until it writes one (docs/decisions/0018-unusable-rules.md)
 */
export function readStores(reader: Reader, node: YamlNode | undefined, path: Path): Stores {
	const stores = node && reader.struct(node, path, NAMES);
	const indentOf = (name: string, least: number): StoreOptions => {
		const store = stores?.get(name);
		const at = [...path, name, "indent"];
		const given = store && reader.struct(store, [...path, name], ["indent"])?.get("indent");
		const indent = given && reader.decoder.integer(given, at);
		if (indent === undefined) return {};
		if (indent < least || indent > MAX_INDENT)
			throw configInvalid({ path: at, reason: `must be from ${least} to ${MAX_INDENT}` });
		// 0 is no choice in YAML, and no indentation in JSON.
		return name === "yaml" && indent === 0 ? {} : { indent };
	};
	for (const name of ["dotenv", "ini"]) {
		const store = stores?.get(name);
		if (store !== undefined) reader.struct(store, [...path, name], []);
	}
	return {
		yaml: indentOf("yaml", 0),
		json: indentOf("json", -1),
		binary: indentOf("json_binary", -1),
		dotenv: {},
		ini: {},
	};
}
