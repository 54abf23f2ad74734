import { isKeyError, type KeyCall, type KeyError, type KeyRef } from "@sopskit/core";
import { type Fault, type FaultProxy, startFaultProxy } from "@sopskit/servers/fault-proxy";
import { freePort } from "@sopskit/servers/server-process";
import { findSecrets, secretBytes, secretText } from "@sopskit/testing";
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { type GcpKmsOptions, gcpKey, gcpKms } from "../src/index.ts";
import { TRANSPORTS, type Transport, useService } from "./service.ts";

const part = new Uint8Array(Buffer.from("a data key of thirty-two bytes!!"));
const service = useService();
let proxy: FaultProxy;
let id: string;
let enc: string;
beforeAll(async () => {
	proxy = await startFaultProxy(service().gcp.url);
	id = service().gcp.addKey("key");
	enc = await provider("rest").masterKey(gcpKey(id))!.wrap!(part, {});
});
beforeEach(() => {
	proxy.clear();
	service().gcp.forget();
});
afterAll(() => proxy?.close());

const provider = (transport: Transport, more: Partial<GcpKmsOptions> = {}) =>
	gcpKms({
		...service().way(transport),
		...(transport === "rest" && { endpoint: proxy.url }),
		...(more.client === undefined && { credentials: service().gcp.serviceAccount }),
		maxAttempts: 1,
		...more,
	});

/** How an unwrap fails, after its error was searched for secrets. */
async function failure(
	transport: Transport,
	more: Partial<GcpKmsOptions> = {},
	text = enc,
	call: KeyCall = {},
	of: KeyRef = gcpKey(id),
): Promise<KeyError> {
	const holder = provider(transport, more);
	const thrown = await holder.masterKey(of)!.unwrap!(text, call).then(
		() => undefined,
		(error: unknown) => error,
	);
	await holder.close!();
	const { gcp } = service();
	const secrets = [gcp.serviceAccount.private_key.slice(60, 120), ...gcp.issued, CANARY];
	const named = secrets.map((one, index) => secretText(`secret ${index}`, one));
	expect(await findSecrets(thrown, [...named, secretBytes("the part", part)])).toEqual([]);
	if (!isKeyError(thrown)) throw new Error(`it did not fail with a KeyError: ${thrown}`);
	expect(thrown.cause).toBeUndefined();
	expect(Object.keys(thrown)).toEqual(["name", "outcome"]);
	return thrown;
}
const CANARY = "canary-in-the-words-of-a-service";
const HTTP = {
	INVALID_ARGUMENT: 400,
	FAILED_PRECONDITION: 400,
	UNAUTHENTICATED: 401,
	PERMISSION_DENIED: 403,
	NOT_FOUND: 404,
	RESOURCE_EXHAUSTED: 429,
	INTERNAL: 500,
	UNAVAILABLE: 503,
} as const;

/** Makes the service refuse, over either transport, with words that hold what a service's words may hold. */
function refuse(transport: Transport, status: keyof typeof HTTP, times = Number.POSITIVE_INFINITY): void {
	const message = `no: ${CANARY} ${Buffer.from(part).toString("base64")}`;
	const answer: Fault["answer"] = {
		status: HTTP[status],
		body: { error: { code: HTTP[status], message, status } },
	};
	if (transport === "grpc") service().gcp.inject(status, times);
	else proxy.inject({ answer: answer!, times });
}
const calls = (transport: Transport): number =>
	transport === "grpc" ? service().gcp.grpcArrived.length : proxy.arrived.length;

describe.each(TRANSPORTS)("what goes wrong with Google Cloud KMS over %s", (transport) => {
	it.each([
		["PERMISSION_DENIED", "denied"],
		["NOT_FOUND", "denied"],
		["FAILED_PRECONDITION", "denied"],
		["INVALID_ARGUMENT", "wrong-key"],
	] as const)("%s is told by its status, and not tried again", async (status, outcome) => {
		refuse(transport, status);
		const error = await failure(transport, { maxAttempts: 3 });
		expect(error.outcome).toBe(outcome);
		expect(error.message).toContain(status);
		expect(calls(transport)).toBe(1);
	});

	it.each(["RESOURCE_EXHAUSTED", "UNAVAILABLE"] as const)(
		"%s once is tried again by the SDK",
		async (status) => {
			refuse(transport, status, 1);
			const holder = provider(transport, { maxAttempts: 2 });
			expect(await holder.masterKey(gcpKey(id))!.unwrap!(enc, {})).toEqual(part);
			await holder.close!();
			expect(calls(transport)).toBe(2);
		},
	);

	it.each([
		["RESOURCE_EXHAUSTED", "throttled"],
		["UNAVAILABLE", "unreachable"],
		["INTERNAL", "unreachable"],
	] as const)("%s that does not end is told", async (status, outcome) => {
		refuse(transport, status);
		const error = await failure(transport, { maxAttempts: 2 });
		expect(error.outcome).toBe(outcome);
		expect(error.message).toContain(transport === "rest" && status === "INTERNAL" ? "(" : status);
	});

	it("nobody listens", async () => {
		const endpoint = `127.0.0.1:${await freePort()}`;
		expect(await failure(transport, { endpoint, ca: service().gcp.ca })).toMatchObject({
			outcome: "unreachable",
			message: expect.stringContaining("ECONNREFUSED"),
		});
	});

	it("a service that hangs: the limit of time and the abort end the call", async () => {
		if (transport === "grpc") service().gcp.inject("hang");
		else proxy.inject({ answer: "hang" });
		const error = await failure(transport, { timeoutMs: 700 });
		expect(error).toMatchObject({ outcome: "timeout", message: expect.stringContaining("700 ms") });
		const controller = new AbortController();
		const before = calls(transport);
		const call = failure(transport, {}, enc, { signal: controller.signal });
		await vi.waitFor(() => expect(calls(transport)).toBe(before + 1));
		controller.abort(new Error(CANARY));
		expect(await call).toMatchObject({ outcome: "aborted", message: "aborted by the caller" });
	});

	it("a certificate of an authority that nobody knows", async () => {
		const { gcp } = service();
		const endpoint = transport === "grpc" ? gcp.grpcAddress : gcp.tlsUrl;
		const error = await failure(transport, { endpoint, ca: undefined });
		expect(error).toMatchObject({
			outcome: "misconfigured",
			message: expect.stringContaining("not trusted"),
		});
		expect([gcp.grpcArrived, gcp.arrivedTls]).toEqual([[], []]);
	});

	it("a token that is not taken any more is replaced once", async () => {
		const { gcp } = service();
		const given: string[] = [];
		const credentials = () => {
			given.push(gcp.issue("x"));
			return { token: given.at(-1)!, expires: new Date(Date.now() + 3_600_000) };
		};
		const holder = provider(transport, { credentials });
		const master = holder.masterKey(gcpKey(id))!;
		expect(await master.unwrap!(enc, {})).toEqual(part);
		gcp.tokens.clear();
		expect(await master.unwrap!(enc, {})).toEqual(part);
		expect(given).toHaveLength(2);
		await holder.close!();
		const stale = { token: given[0]!, expires: new Date(Date.now() + 3_600_000) };
		expect(await failure(transport, { credentials: () => stale })).toMatchObject({
			outcome: "denied",
			message: expect.stringContaining("UNAUTHENTICATED"),
		});
	});

	it("checksums: they arrive, and an answer that was changed on its way is not believed", async () => {
		const { gcp } = service();
		const holder = provider(transport);
		const master = holder.masterKey(gcpKey(id))!;
		await master.wrap!(Buffer.from("123456789"), {});
		// The check value of CRC-32C.
		if (transport === "grpc") expect(gcp.grpcArrived[0]!.checksum).toBe(0xe3069283);
		else expect(JSON.parse(proxy.arrived[0]!.body).plaintextCrc32c).toBe(String(0xe3069283));
		const change = (how: (answer: Record<string, unknown>) => object): void =>
			proxy.inject({ rewrite: (body) => JSON.stringify(how(JSON.parse(body))), times: 1 });
		for (const run of [() => master.wrap!(part, {}), () => master.unwrap!(enc, {})]) {
			if (transport === "grpc") gcp.inject("wrong checksum", 1);
			else change((answer) => ({ ...answer, ciphertextCrc32c: "1", plaintextCrc32c: "1" }));
			await expect(run()).rejects.toMatchObject({
				outcome: "failed",
				message: expect.stringContaining("checksum"),
			});
			if (transport === "grpc") gcp.inject("empty", 1);
			else change(() => ({}));
			await expect(run()).rejects.toMatchObject({ outcome: "failed" });
		}
		if (transport === "rest") {
			change(({ verifiedPlaintextCrc32c, ...answer }) => answer);
			await expect(master.wrap!(part, {})).rejects.toMatchObject({ outcome: "failed" });
		}
		await holder.close!();
	});

	it("the service's own refusals: another key, an altered enc, disabled, not there, no rights", async () => {
		const { gcp } = service();
		const other = gcp.addKey(`other-${transport}`);
		expect((await failure(transport, {}, enc, {}, gcpKey(other))).outcome).toBe("wrong-key");
		expect((await failure(transport, {}, `${enc.slice(0, 80)}AAAA${enc.slice(84)}`)).outcome).toBe(
			"wrong-key",
		);
		const own = await provider(transport).masterKey(gcpKey(other))!.wrap!(part, {});
		gcp.disableKey(other);
		expect(await failure(transport, {}, own, {}, gcpKey(other))).toMatchObject({
			outcome: "denied",
			message: expect.stringContaining("disabled"),
		});
		expect((await failure(transport, {}, enc, {}, gcpKey(`${id}-gone`))).outcome).toBe("denied");
		expect((await failure(transport, { credentials: () => gcp.noRights })).outcome).toBe("denied");
	});

	it("services for tokens: down, throttled, refusing", async () => {
		const { gcp, write } = service();
		gcp.subjectTokens.add(CANARY);
		const file = write("subject", CANARY);
		const credentials = { ...gcp.externalAccount(file), token_url: `${proxy.url}/v1/token` };
		const when: Fault["when"] = ({ path }) => path === "/v1/token";
		const refused = { error: "invalid_grant", error_description: `${CANARY} is bad` };
		for (const [answer, outcome, words] of [
			[{ status: 400, body: refused }, "denied", "invalid_grant"],
			[{ status: 403, body: "<html>" }, "denied", "PERMISSION_DENIED"],
			[{ status: 429, body: "" }, "throttled", "RESOURCE_EXHAUSTED"],
			[{ status: 503, body: "" }, "unreachable", "UNAVAILABLE"],
		] as const) {
			proxy.clear();
			proxy.inject({ when: when!, answer });
			const error = await failure(transport, { credentials, timeoutMs: 20_000 });
			expect([error.outcome, error.message]).toEqual([outcome, expect.stringContaining(words)]);
		}
		proxy.clear();
		proxy.inject({ when: when!, answer: "hang" });
		expect((await failure(transport, { credentials, timeoutMs: 500 })).outcome).toBe("timeout");
	});

	it("functions and clients of the caller's that throw", async () => {
		const fail = (): never => {
			throw new Error(CANARY);
		};
		expect((await failure(transport, { credentials: fail })).outcome).toBe("misconfigured");
		expect((await failure(transport, { credentials: () => "" })).outcome).toBe("misconfigured");
		expect((await failure(transport, { client: { encrypt: fail, decrypt: fail } })).outcome).toBe("failed");
		expect((await failure(transport, { allow: fail })).outcome).toBe("refused");
		expect((await failure(transport, { allow: () => "yes" as never })).outcome).toBe("refused");
		expect((await failure(transport, { allow: ({ id: asked }) => asked !== id })).outcome).toBe("refused");
		expect(calls(transport)).toBe(0);
	});

	it("enc that is not base64 is damaged, and nobody is asked", async () => {
		for (const text of [
			"",
			" ",
			`${enc}=`,
			enc.slice(0, -1),
			`${enc}!`,
			"AQ-_",
			`AAAA ${enc}`,
			"vault:v1:AAAA",
		]) {
			expect((await failure(transport, {}, text)).outcome).toBe("damaged");
		}
		expect(calls(transport)).toBe(0);
		// Go's decoder passes over line feeds, so files may have them.
		expect(await provider(transport).masterKey(gcpKey(id))!.unwrap!(`${enc}\n`, {})).toEqual(part);
	});

	it.each([
		"projects/p/locations/global/keyRings/r/cryptoKeys/k/cryptoKeyVersions/1",
		"projects/p/locations/global/keyRings/r/cryptoKeys/..",
		"projects/p/locations/global/keyRings/r/cryptoKeys/k:destroy?x=",
		"projects/p/../../x/locations/global/keyRings/r/cryptoKeys/k",
		"projects/p/locations/global/keyRings/r/cryptoKeys/k\r\nx: y",
		"https://evil.example/",
		"k",
		"",
	])("a resource id that is none leads nowhere: %j", async (wrong) => {
		const of = { type: "gcp_kms", id: wrong, fields: { resource_id: wrong } };
		expect(await failure(transport, {}, enc, {}, of)).toMatchObject({ outcome: "misconfigured" });
		expect(calls(transport)).toBe(0);
		expect(() => gcpKey(wrong)).toThrow(expect.objectContaining({ code: "key-invalid" }));
	});

	it("a provider that was closed", async () => {
		const holder = provider(transport);
		await holder.close!();
		await expect(holder.masterKey(gcpKey(id))!.unwrap!(enc, {})).rejects.toMatchObject({
			outcome: "misconfigured",
		});
		expect(calls(transport)).toBe(0);
	});
});

it("over REST a hanging call leaves no connection behind", async () => {
	const hanging = await startFaultProxy(service().gcp.url);
	hanging.inject({ answer: "hang" });
	const holder = provider("rest", { timeoutMs: 300, endpoint: hanging.url });
	try {
		await expect(holder.masterKey(gcpKey(id))!.unwrap!(enc, {})).rejects.toMatchObject({
			outcome: "timeout",
		});
		// The provider is still open: it was the end of the call that cut the connection.
		await vi.waitFor(() => expect(hanging.open()).toBe(0));
		expect(hanging.connections()).toBe(1);
	} finally {
		await Promise.all([holder.close!(), hanging.close()]);
	}
});

it("an answer that is cut off", async () => {
	proxy.inject({ answer: "reset" });
	expect((await failure("rest")).outcome).toBe("unreachable");
});
