import { defineConfig } from "tsup";

export default defineConfig({
	entry: [
		...["src/index.ts", "src/node.ts", "src/provider.ts", "src/network.ts"],
		...["src/crypto/node.ts", "src/crypto/portable.ts"],
	],
	format: "esm",
	target: "node20",
	platform: "neutral",
	clean: true,
	sourcemap: true,
	dts: !process.env.SOPSKIT_NO_DTS,
	// Kept: Deno tells the modules of Node by the prefix.
	removeNodeProtocol: false,
	// `#crypto` is resolved by the importing runtime through package.json; bundled, every runtime would get one backend.
	external: ["#crypto", /^node:/],
});
