import { decryptSops } from "sops-age";
import { pool } from "../jobs.mjs";

export function prepare({ of, action, inFlight = 1 }, inputs) {
	// It decrypts to data, and nothing else.
	if (action !== "data") return undefined;
	const fileType = of === "json" ? "json" : "yaml";
	const texts = of === "secrets" ? inputs.secrets.encrypted : [inputs[of].encrypted];
	return () => pool(texts, inFlight, (text) => decryptSops(text, { secretKey: inputs.identity, fileType }));
}
