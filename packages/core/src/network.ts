/**
 * What authors of key providers for services share on Node: connections of their own, through a proxy, with authorities
 * that were named. Nothing here reads the environment of the process.
 *
 * @packageDocumentation
 */
export { type AgentSettings, Agents, type Way } from "./network/agents.ts";
export { authoritiesFrom } from "./network/authorities.ts";
export {
	isProxy,
	type Proxies,
	type ProxySettings,
	proxiesFrom,
	proxiesOf,
	proxyFor,
} from "./network/proxy.ts";
export type { LoadProxyAgent } from "./network/tunnel.ts";
