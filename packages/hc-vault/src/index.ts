/**
 * Keys of the transit engine of HashiCorp Vault and OpenBao for sopskit.
 *
 * @packageDocumentation
 */
export type { Environment } from "./environment.ts";
export { type HcVaultOptions, hcVault } from "./hc-vault.ts";
export type { VaultClientLike } from "./library.ts";
export type { VaultClientSource } from "./servers.ts";
export { appRoleLogin, kubernetesLogin, type VaultLogin, type VaultTokenSource } from "./token.ts";
export { vaultKey } from "./vault-key.ts";
