import { SopsError } from "../errors.ts";
import type { KeyRef, KeyType } from "./contract.ts";
import type { KeyFields } from "./key-fields.ts";
import { ageSyntax } from "./rule-syntax/age.ts";
import { azureKvSyntax } from "./rule-syntax/azure-kv.ts";
import { gcpKmsSyntax } from "./rule-syntax/gcp-kms.ts";
import { hcVaultSyntax } from "./rule-syntax/hc-vault.ts";
import { hckmsSyntax, isHckmsKeyId } from "./rule-syntax/hckms.ts";
import { kmsSyntax } from "./rule-syntax/kms.ts";
import { pgpSyntax } from "./rule-syntax/pgp.ts";
import type { RuleSyntax } from "./rule-syntax/rule-syntax.ts";

interface FieldRule {
	readonly name: string;
	/** Left out of the file when empty. */
	readonly optional?: true;
	/** Holds a nested map of text (the encryption context of AWS KMS). */
	readonly map?: true;
}

/** A key type of SOPS with what the metadata needs to know about it. */
export interface StoredKeyType extends KeyType {
	readonly fields: readonly FieldRule[];
	/** Written inside `key_groups` even when a group has no such key. */
	readonly alwaysInGroups: boolean;
	readonly rules: RuleSyntax;
	/** Whether the reference reads a file with such an id; it looks at this type only. */
	readsId(id: string): boolean;
}

function define(
	type: string,
	rules: RuleSyntax,
	fields: readonly FieldRule[],
	id: (text: (name: string) => string, fields: KeyFields) => string,
	options: Partial<Pick<StoredKeyType, "timestamped" | "alwaysInGroups" | "readsId">> = {},
): StoredKeyType {
	return {
		type,
		rules,
		fields,
		timestamped: options.timestamped ?? true,
		alwaysInGroups: options.alwaysInGroups ?? false,
		readsId: options.readsId ?? (() => true),
		fromFields(given) {
			const kept: Record<string, string | Readonly<Record<string, string>>> = {};
			for (const field of fields) kept[field.name] = given[field.name] ?? (field.map ? {} : "");
			const text = (name: string): string => {
				const value = kept[name];
				if (typeof value === "string") return value;
				throw new SopsError("key-invalid", `The field ${name} of a ${type} key must be text.`, {
					type,
					reason: `${name} is not text`,
				});
			};
			return { type, id: id(text, kept), fields: kept } satisfies KeyRef;
		},
	};
}

/**
 * The seven key types of SOPS in the order in which a group holds them after reading (sops 3.13.3,
 * stores/stores.go). Ids are what the reference prints for the key (`ToString`).
 */
export const KEY_TYPES: readonly StoredKeyType[] = [
	define(
		"kms",
		kmsSyntax,
		[
			{ name: "arn" },
			{ name: "role", optional: true },
			{ name: "context", optional: true, map: true },
			{ name: "aws_profile" },
		],
		(text, fields) => {
			let id = text("arn");
			if (text("role") !== "") id += `+${text("role")}`;
			const context = Object.entries(fields.context as Record<string, string>).sort(([a], [b]) =>
				a < b ? -1 : 1,
			);
			const profile = text("aws_profile");
			// The place of the context stays, also empty, where a profile follows (kms/keysource.go, `ToString`).
			if (context.length > 0 || profile !== "")
				id += `|${context.map(([name, value]) => `${name}:${value}`).join(",")}`;
			if (profile !== "") id += `|${profile}`;
			return id;
		},
	),
	define("gcp_kms", gcpKmsSyntax, [{ name: "resource_id" }], (text) => text("resource_id")),
	define("hckms", hckmsSyntax, [{ name: "key_id" }], (text) => text("key_id"), {
		readsId: isHckmsKeyId,
	}),
	define(
		"azure_kv",
		azureKvSyntax,
		[{ name: "vault_url" }, { name: "name" }, { name: "version" }],
		(text) => `${text("vault_url")}/keys/${text("name")}/${text("version")}`,
	),
	define(
		"hc_vault",
		hcVaultSyntax,
		[{ name: "vault_address" }, { name: "engine_path" }, { name: "key_name" }],
		(text) => `${text("vault_address")}/v1/${text("engine_path")}/keys/${text("key_name")}`,
		{ alwaysInGroups: true },
	),
	define("pgp", pgpSyntax, [{ name: "fp" }], (text) => text("fp").replaceAll(" ", "")),
	define("age", ageSyntax, [{ name: "recipient" }], (text) => text("recipient").trim(), {
		timestamped: false,
		alwaysInGroups: true,
	}),
];

export function keyType(type: string): StoredKeyType | undefined {
	return KEY_TYPES.find((known) => known.type === type);
}
