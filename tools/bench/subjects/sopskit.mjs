import { age, recipient } from "@sopskit/age";
import { decryptDocument, encryptDocument } from "@sopskit/core";
import { pool } from "../jobs.mjs";

/** @returns the job as a function, or undefined when the subject cannot do it */
export function prepare({ of, action, inFlight = 1 }, inputs) {
	const providers = [age({ identities: inputs.identity })];
	const keyGroups = [[recipient(inputs.recipient)]];
	const format = of === "json" ? "json" : "yaml";
	const input = inputs[of];
	const texts = of === "secrets" ? input : { plain: [input.plain], encrypted: [input.encrypted] };
	const each = {
		data: async (text) => (await decryptDocument(text, { format, providers })).data,
		text: async (text) => (await decryptDocument(text, { format, providers })).text(),
		encrypt: async (text) =>
			(await encryptDocument(text, { format, keyGroups, encryptedRegex: input.encryptedRegex })).text,
	}[action];
	return () => pool(action === "encrypt" ? texts.plain : texts.encrypted, inFlight, each);
}
