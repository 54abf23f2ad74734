/**
 * Azure Key Vault keys for sopskit: wrap and unwrap data keys with an RSA key of a vault or a Managed HSM.
 *
 * @packageDocumentation
 */
export type { ProxySettings as AzureProxy } from "@sopskit/core/network";
export { azureKeyvault } from "./azure-keyvault.ts";
export type {
	AzureClientAssertion,
	AzureClientCertificate,
	AzureClientCertificateFile,
	AzureClientSecret,
	AzureCredentials,
	AzureManagedIdentity,
	AzureTokenFile,
} from "./credentials.ts";
export { azureEnvironmentFindings, type Environment } from "./environment.ts";
export type { AzureCryptographyClient } from "./injected-client.ts";
export type { AzureKeyvaultOptions } from "./options.ts";
export { azureKey } from "./vault-key.ts";
