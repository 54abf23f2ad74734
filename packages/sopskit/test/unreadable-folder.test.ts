import { afterAll, expect, it, vi } from "vitest";
import { createSops } from "../src/index.ts";
import { Tree } from "./tree.ts";

// Whoever runs the tests may be allowed to read everything.
vi.mock("node:fs", async (original) => {
	const fs = await original<typeof import("node:fs")>();
	return {
		...fs,
		readdir(path: string, options: object, done: (error: Error | null, entries: unknown[]) => void) {
			const refused = Object.assign(new Error("no"), { code: "EACCES" });
			if (/locked\/?$/.test(path)) done(refused, []);
			else fs.readdir(path, options, done as never);
		},
	};
});

const tree = new Tree().write({ "a.yaml": "a: 1\n", "locked/b.yaml": "b: 1\n" });
afterAll(() => tree.remove());

it("a folder that cannot be read is a failure among the results, not passed over", async () => {
	const results = await createSops()
		.files(tree.root)
		.each((path) => path);
	expect(results).toMatchObject([
		{ ok: true, path: tree.path("a.yaml") },
		{
			ok: false,
			path: expect.stringContaining("locked"),
			error: { code: "file-unusable", message: expect.stringContaining("permission is denied") },
		},
	]);
});
