import { describeExchanges } from "../../../tools/vectors/exchange-suite.ts";
import { hcVault } from "../src/index.ts";

describeExchanges({
	service: "hc-vault",
	server: "OpenBao",
	provider: (url, { environment }) =>
		hcVault({
			environment: {
				// In place of the server that the file names.
				VAULT_AGENT_ADDR: url,
				SOPS_HC_VAULT_ALLOWLIST: "https://vault.example.com:8200",
				VAULT_TOKEN: "t",
				VAULT_MAX_RETRIES: "0",
				...environment,
			},
		}),
	files: 8,
	twins: 6,
});
