import { afterAll, beforeAll, describe, it } from "vitest";
import { type Moto, startMoto } from "./moto.ts";
import { type OpenBao, startOpenBao } from "./openbao.ts";
import { missing, required } from "./place.mjs";

export type { Moto } from "./moto.ts";
export type { OpenBao } from "./openbao.ts";

const SERVERS = { moto: startMoto, openbao: startOpenBao };

/** The servers by name. */
export interface Servers {
	readonly moto: Moto;
	readonly openbao: OpenBao;
}

/**
 * A suite that needs a server, which is started before its tests and stopped after them. Where the servers are not
 * installed the suite is skipped under a name that says what is missing; with `SOPSKIT_REQUIRE_SERVERS=1` it fails
 * instead.
 *
 * @param define - gets a function that gives the server, from the first hook on
 */
export function describeServer<N extends keyof Servers>(
	server: N,
	name: string,
	define: (server: () => Servers[N]) => void,
): void {
	const lacking = missing();
	if (lacking.length > 0) {
		const reason = `needs servers, lacking: ${lacking.join(", ")} (node tools/servers/install.mjs)`;
		describe(name, () => {
			if (!required) it.skip(reason, () => {});
			else {
				it(reason, () => {
					throw new Error(`${name} ${reason}`);
				});
			}
		});
		return;
	}
	describe(name, () => {
		let started: Servers[N] | undefined;
		beforeAll(async () => {
			started = (await SERVERS[server]()) as Servers[N];
		});
		afterAll(() => started?.stop());
		define(() => {
			if (started === undefined)
				throw new Error(`${server} is started by a hook: ask for it in hooks and tests`);
			return started;
		});
	});
}
