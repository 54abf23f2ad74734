import type { StandardSchemaV1 } from "@standard-schema/spec";
import { SopsError } from "../errors.ts";
import { formatPath, type Path } from "../path.ts";

export type { StandardSchemaV1 };

/**
 * Validates data with any Standard Schema. Only the paths of its issues are passed on: messages of schema
 * libraries quote the value that was received.
 *
 * @throws SopsError `schema-mismatch`
 */
export async function validate<S extends StandardSchemaV1>(
	schema: S,
	data: unknown,
): Promise<StandardSchemaV1.InferOutput<S>> {
	const result = await run(schema, data);
	if (result.issues === undefined) return result.value as StandardSchemaV1.InferOutput<S>;
	const issues = result.issues.map((issue) => ({ path: pathOf(issue.path) }));
	const places = issues.map(({ path }) => (path.length === 0 ? "the root" : formatPath(path)));
	throw new SopsError(
		"schema-mismatch",
		`The decrypted data does not fit the schema at ${[...new Set(places)].join(", ")}. What the schema said is withheld, because it may quote a secret.`,
		{ issues },
	);
}

/** What a schema throws may quote the data as well. */
async function run<S extends StandardSchemaV1>(
	schema: S,
	data: unknown,
): Promise<StandardSchemaV1.Result<unknown>> {
	try {
		return await schema["~standard"].validate(data);
	} catch {
		throw new SopsError(
			"schema-mismatch",
			"The schema failed on the decrypted data. What it threw is withheld, because it may quote a secret.",
			{ issues: [] },
		);
	}
}

function pathOf(path: readonly (PropertyKey | { readonly key: PropertyKey })[] | undefined): Path {
	return (path ?? []).map((step) => {
		const key = typeof step === "object" ? step.key : step;
		return typeof key === "symbol" ? String(key) : key;
	});
}
