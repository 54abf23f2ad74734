import { KeyError, type KeyRef, parseKeyList, SopsError, UsageError } from "@sopskit/core";

/**
 * The reference checks `^projects/[^/]+/locations/[^/]+/keyRings/[^/]+/cryptoKeys/[^/]+$` (sops 3.13.3,
 * gcpkms/keysource.go). Narrower here: the id becomes part of an address, so it must be made of what Google allows in
 * one; a project may be that of a domain, `example.com:project`.
 */
const RESOURCE =
	/^projects\/[A-Za-z0-9][A-Za-z0-9.:-]{0,99}\/locations\/[A-Za-z0-9-]{1,63}\/keyRings\/[\w-]{1,63}\/cryptoKeys\/[\w-]{1,63}$/;

const FORM = "projects/project/locations/global/keyRings/ring/cryptoKeys/key";

/** The resource id of a ref that names a key; undefined for all else. */
export function resourceIdOf(ref: KeyRef): string | undefined {
	const id = ref.fields?.resource_id;
	return typeof id === "string" && RESOURCE.test(id) ? id : undefined;
}

/** @throws KeyError `misconfigured` */
export function requireResourceId(ref: KeyRef): string {
	const id = resourceIdOf(ref);
	if (id !== undefined) return id;
	throw new KeyError("misconfigured", `the entry's resource_id is not of the form ${FORM}`);
}

/**
 * Names a key of Google Cloud KMS, for `bindKeyGroups([[gcpKey("projects/…")]], [gcpKms(…)])`.
 *
 * @param resourceId - `projects/…/locations/…/keyRings/…/cryptoKeys/…`, without a version: the service knows which one
 * encrypted
 * @throws SopsError `key-invalid` for what is not the resource id of a key; nothing of it is repeated
 * @throws UsageError `argument-invalid` if it is not a text
 */
export function gcpKey(resourceId: string): KeyRef {
	if (typeof resourceId !== "string")
		throw new UsageError("argument-invalid", `gcpKey() takes the resource id of a key, such as ${FORM}.`);
	const [ref, ...others] = parseKeyList("gcp_kms", resourceId.trim());
	if (ref === undefined || others.length > 0)
		throw invalid("must be one resource id; for a list, use parseKeyList()");
	if (resourceIdOf(ref) === undefined) throw invalid(`is not of the form ${FORM}`);
	return ref;
}

function invalid(reason: string): SopsError {
	const type = "gcp_kms";
	return new SopsError("key-invalid", `A value that should name a ${type} key ${reason}.`, { type, reason });
}
