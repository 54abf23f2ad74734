// What is measured: the same files for every subject, made anew from a fixed seed and encrypted by the reference.

const REGIONS = ["eu-central-1", "us-east-1", "ap-south-1"];
const WORDS = [
	"billing",
	"orders",
	"search",
	"mailer",
	"gateway",
	"reports",
	"session",
	"catalog",
	"stock",
	"audit",
];

/** A service as it might stand in a file of settings: 50 values of every type, four levels deep. */
function service(random, number) {
	const text = (length) =>
		Array.from({ length }, () => "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFGH"[random(44)]).join("");
	const settings = {};
	for (let i = 0; i < 20; i++)
		settings[`SETTING_${i}`] = random(3) === 0 ? `${text(8)} ${text(12)}` : text(8 + random(40));
	return {
		name: `${WORDS[number % WORDS.length]}-${number}`,
		replicas: 1 + random(9),
		enabled: random(2) === 0,
		ratio: (1 + random(998)) / 1000 + 0.0005,
		region: REGIONS[random(3)],
		database: {
			host: `${text(10)}.db.example.com`,
			port: 5432,
			user: text(8),
			password: text(32),
			pool: { min: random(4), max: 10 + random(40), timeout: 0.25 + random(40), lazy: random(2) === 0 },
		},
		keys: Array.from({ length: 5 }, () => text(44)),
		certificate: `-----BEGIN CERTIFICATE-----\n${text(64)}\n${text(64)}\n${text(30)}\n-----END CERTIFICATE-----\n`,
		environment: settings,
		hooks: Array.from({ length: 3 }, (_, i) => ({
			event: `on-${i}`,
			url: `https://${text(12)}.example.com/hook`,
			retries: random(6),
		})),
		note: `${text(20)}: see "${text(5)}", it's ${text(4)} # ${text(3)}`,
	};
}

/** A small generator of numbers below a limit (xorshift32). */
function randomFrom(seed) {
	let state = seed;
	return (below) => {
		state ^= state << 13;
		state ^= state >>> 17;
		state ^= state << 5;
		state >>>= 0;
		return state % below;
	};
}

/** Settings of some services, 49 values each. */
export function servicesOf(count) {
	const random = randomFrom(4711);
	const services = {};
	for (let i = 0; i < count; i++) services[`${WORDS[i % WORDS.length]}-${i}`] = service(random, i);
	return { services };
}

function secret(random, number) {
	const text = (length) =>
		Array.from({ length }, () => "abcdefghijklmnopqrstuvwxyz0123456789"[random(36)]).join("");
	return [
		"apiVersion: v1",
		"kind: Secret",
		"metadata:",
		`  name: ${WORDS[number % WORDS.length]}-${number}`,
		`  namespace: ${WORDS[random(10)]}`,
		"type: Opaque",
		"# rotated by hand",
		"stringData:",
		`  username: ${text(8)}`,
		`  password: ${text(24)}`,
		`  url: postgres://${text(6)}:${text(12)}@${text(8)}.example.com:5432/app`,
		`  token: ${text(40)}`,
		"",
	].join("\n");
}

export function countValues(value) {
	if (typeof value !== "object" || value === null) return 1;
	return Object.values(value).reduce((sum, inner) => sum + countValues(inner), 0);
}

/**
 * @param {import("@sopskit/reference").Oracle} oracle
 * @param {{ identity: string, recipient: string }} keys
 */
export async function makeInputs(oracle, { identity, recipient }) {
	const data = servicesOf(200);
	const json = `${JSON.stringify(data, null, "\t")}\n`;
	const ageRecipients = [recipient];
	const { text: yaml } = await oracle.call("emit", {
		format: "yaml",
		tree: (await oracle.call("load", { format: "json", text: json })).tree,
	});
	const encrypt = async (format, text, selectors) =>
		(await oracle.call("encrypt", { format, text, ageRecipients, ...(selectors && { selectors }) })).text;
	const random = randomFrom(1234);
	const secrets = Array.from({ length: 1000 }, (_, i) => secret(random, i));
	const selectors = { encrypted_regex: "^(data|stringData)$" };
	return {
		identity,
		recipient,
		values: countValues(data),
		yaml: { plain: yaml, encrypted: await encrypt("yaml", yaml) },
		json: { plain: json, encrypted: await encrypt("json", json) },
		secrets: {
			plain: secrets,
			encrypted: await Promise.all(secrets.map((text) => encrypt("yaml", text, selectors))),
			encryptedRegex: selectors.encrypted_regex,
		},
	};
}
