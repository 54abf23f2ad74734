// Writes the reference of all public functions and types, from their comments, to docs/api. A link that leads
// nowhere is an error.
import { spawnSync } from "node:child_process";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");
const result = spawnSync(process.execPath, [join(root, "node_modules", "typedoc", "bin", "typedoc")], {
	cwd: root,
	stdio: "inherit",
});
if (result.error) throw result.error;
if (result.status === 0) console.log("docs: open docs/api/index.html");
process.exit(result.status ?? 1);
