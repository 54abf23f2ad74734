import { defineConfig } from "tsup";

export default defineConfig({
	entry: ["src/index.ts", "src/node.ts"],
	format: "esm",
	target: "node20",
	platform: "neutral",
	clean: true,
	sourcemap: true,
	// Kept: Deno tells the modules of Node by the prefix.
	removeNodeProtocol: false,
	external: [/^node:/],
	dts: !process.env.SOPSKIT_NO_DTS,
});
