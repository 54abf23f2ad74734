/**
 * What authors of key providers for services share on Node: connections of their own, through a proxy, with authorities
 * that were named. Nothing here reads the environment of the process.
 *
 * @packageDocumentation
 */
export { type AgentSettings, Agents, type ProxyAgentLibrary } from "./network/agents.ts";
export { authoritiesFrom } from "./network/authorities.ts";
export { type HttpsProxy, isExcepted, isProxy, proxyFrom } from "./network/proxy.ts";
