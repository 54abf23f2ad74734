import { isSopsError, type KeyError, UsageError } from "@sopskit/core";
import { describe, expect, it } from "vitest";
import { age, generateIdentity, recipient, recipients } from "../src/index.ts";

const x25519 = "age1pec5ranfnsjvfd8uvlc74dx6gh03gpg309dm6j5lhf3eqlspg5cs002cjv";

function reasonOf(call: () => unknown): string {
	try {
		call();
	} catch (error) {
		if (isSopsError(error, "key-invalid")) {
			expect(error.details.type).toBe("age");
			expect(error.message).toContain(error.details.reason);
			return error.details.reason;
		}
		throw error;
	}
	throw new Error("nothing was thrown");
}

describe("recipient", () => {
	it("gives a key that can wrap and not unwrap, named by the trimmed text", () => {
		const key = recipient(`\t${x25519} \n`);
		expect(key.ref).toEqual({ type: "age", id: x25519, fields: { recipient: x25519 } });
		expect(key.wrap).toBeTypeOf("function");
		expect(key.unwrap).toBeUndefined();
	});

	it.each([
		["", "it is empty"],
		["age1pec5ranfnsjvfd8uvlc74dx6gh03gpg309dm6j5lhf3eqlspg5cs002cjw", "a recipient with a typing error"],
		[x25519.slice(0, -7), "a recipient with a typing error"],
		[x25519.toUpperCase(), "not an age recipient"],
		["age1pq1qqqq", "a hybrid recipient with a typing error"],
		[
			"age1yubikey1qwt50d05nh5vutpdzmlg5wn80xq5negm4uj9ghv0snvdd3yysf5yw3rhl3t",
			"it needs the plugin yubikey: pass the option plugins",
		],
		[
			"age1yubikey1qwt50d05nh5vutpdzmlg5wn80xq5negm4uj9ghv0snvdd3yysf5yw3rhl3x",
			"a recipient of a plugin with a typing",
		],
		["age1/../x1qqqqqqqq", "a recipient of a plugin with a typing error"],
		["ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIO0 someone@host", "an SSH public key with a typing error"],
		["ssh-ed25519", "its second word missing"],
		["AGE-SECRET-KEY-1W0Q32NZF", "this is an identity (the private half), not a recipient"],
		["-----BEGIN OPENSSH PRIVATE KEY-----\nb3Bl", "this is an identity (the private half), not a recipient"],
		["pgp", "not an age recipient"],
	])("refuses %j: %s", (text, reason) => {
		expect(reasonOf(() => recipient(text))).toContain(reason);
	});

	it("refuses what is not a text", () => {
		expect(() => recipient(undefined as never)).toThrow(UsageError);
		expect(() => recipients([x25519] as never)).toThrow(UsageError);
	});

	it("wraps for tag recipients in their own stanzas", async () => {
		// A vector of the tag recipient specification: the public key of a P-256 key in hardware.
		const tag = "age1tag1qwe0kafsjrar4txm6heqnhpfuggzr0gvznz7fvygxrlq90u5mq2pysxtw6h";
		const enc = await recipient(tag).wrap!(new Uint8Array(32), {});
		expect(Buffer.from(enc.split("\n").slice(1, -2).join(""), "base64").toString("latin1")).toContain(
			"-> p256tag ",
		);
	});

	it("reports a public key that no one can wrap for, as a KeyError", async () => {
		const provider = age();
		const wrap = (text: string) =>
			provider.masterKey({ type: "age", id: text, fields: { recipient: text } })!.wrap!(
				new Uint8Array(32),
				{},
			);
		await expect(wrap("ssh-ed25519 AAAA")).rejects.toMatchObject({ outcome: "misconfigured" });
		// 32 zero bytes: well-formed, and a point of low order.
		const zeros = "age1qqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqq8vyhfw";
		const error = (await wrap(zeros).catch((thrown: unknown) => thrown)) as KeyError;
		expect(["failed", "misconfigured"]).toContain(error.outcome);
		expect(error.cause).toBeUndefined();
	});
});

describe("recipients", () => {
	it("reads comma lists and recipient files", async () => {
		const hybrid = (await generateIdentity({ type: "hybrid" })).recipient;
		const ids = (text: string) => recipients(text).map(({ ref }) => ref.id);
		expect(ids("")).toEqual([]);
		expect(ids("# nobody yet\n\n")).toEqual([]);
		expect(ids(`${x25519}, ${hybrid}`)).toEqual([x25519, hybrid]);
		expect(ids(`# team\n${x25519}\r\n\n  # backup\n${hybrid}\n`)).toEqual([x25519, hybrid]);
		expect(ids(`${x25519},\n  ${hybrid}\n`)).toEqual([x25519, hybrid]);
	});

	it("names line and item of what it cannot use", () => {
		expect(reasonOf(() => recipients(`${x25519},`))).toBe("line 1, item 2: it is empty");
		expect(reasonOf(() => recipients(`# one\n${x25519},age1x`))).toMatch(/^line 2, item 2: a recipient with/);
	});
});
