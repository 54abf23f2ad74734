import { defineConfig } from "tsup";

export default defineConfig({
	entry: ["src/index.ts"],
	format: "esm",
	target: "node20",
	platform: "neutral",
	clean: true,
	sourcemap: true,
	// Deno and bundlers tell Node's modules by the prefix.
	removeNodeProtocol: false,
	dts: !process.env.SOPSKIT_NO_DTS,
});
