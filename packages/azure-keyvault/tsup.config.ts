import { defineConfig } from "tsup";

export default defineConfig({
	entry: ["src/index.ts"],
	format: "esm",
	target: "node20",
	platform: "node",
	clean: true,
	sourcemap: true,
	dts: !process.env.SOPSKIT_NO_DTS,
	// Kept: Deno tells the modules of Node by the prefix.
	removeNodeProtocol: false,
});
