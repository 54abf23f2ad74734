import { defineConfig } from "tsup";

export default defineConfig({
	entry: ["src/index.ts", "src/node.ts", "src/asymmetric/node.ts", "src/asymmetric/portable.ts"],
	format: "esm",
	target: "node20",
	platform: "neutral",
	clean: true,
	sourcemap: true,
	dts: !process.env.SOPSKIT_NO_DTS,
	// Kept: Deno tells the modules of Node by the prefix.
	removeNodeProtocol: false,
	// `#asymmetric` is resolved by the importing runtime through package.json; bundled, every runtime would get one
	// backend.
	external: ["#asymmetric", /^node:/],
});
