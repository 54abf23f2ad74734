/** Something that must not be found, and the forms it may take. */
export interface Secret {
	readonly name: string;
	readonly texts: readonly string[];
	/** In hexadecimal, for comparison with byte arrays. */
	readonly hex?: string;
}

export function secretText(name: string, text: string): Secret {
	return { name, texts: [text] };
}

/**
 * A secret of bytes, looked for in hexadecimal, base64, as a list of numbers and as one character per byte.
 */
export function secretBytes(name: string, bytes: Uint8Array): Secret {
	const hex = toHex(bytes);
	const binary = Array.from(bytes, (byte) => String.fromCharCode(byte)).join("");
	const base64 = btoa(binary).replace(/=+$/, "");
	return {
		name,
		hex,
		texts: [
			hex,
			hex.toUpperCase(),
			base64,
			base64.replaceAll("+", "-").replaceAll("/", "_"),
			bytes.join(","),
			bytes.join(", "),
			binary,
		],
	};
}

/**
 * Looks for secrets in a value: in all its properties, own and inherited, hidden and symbol-named, in
 * causes, maps, sets and byte arrays; in its JSON and its text; and, where `node:util` is there, in what
 * `inspect` shows of it.
 *
 * @returns for each finding the secret's name and the place, such as `identity in .cause.message`
 */
export async function findSecrets(value: unknown, secrets: readonly Secret[]): Promise<readonly string[]> {
	const found = new Set<string>();
	const look = (place: string, text: string): void => {
		for (const secret of secrets) {
			if (secret.texts.some((form) => text.includes(form)))
				found.add(`${secret.name} in ${place || "the value"}`);
		}
	};
	const lookAtBytes = (place: string, bytes: Uint8Array): void => {
		const hex = toHex(bytes);
		for (const secret of secrets) {
			if (secret.hex !== undefined && hex.includes(secret.hex)) found.add(`${secret.name} in ${place}`);
		}
		look(place, new TextDecoder().decode(bytes));
	};

	const seen = new Set<unknown>();
	const queue: { readonly place: string; readonly item: unknown }[] = [{ place: "", item: value }];
	// The limit is for values that lead to a whole program, such as a socket; a message is found long before.
	for (let next = queue.shift(); next !== undefined && seen.size < 20_000; next = queue.shift()) {
		const { place, item } = next;
		if (typeof item === "string") look(place, item);
		if ((typeof item !== "object" && typeof item !== "function") || item === null || seen.has(item)) continue;
		seen.add(item);
		if (ArrayBuffer.isView(item)) {
			lookAtBytes(place, new Uint8Array(item.buffer, item.byteOffset, item.byteLength));
			continue;
		}
		if (item instanceof ArrayBuffer) {
			lookAtBytes(place, new Uint8Array(item));
			continue;
		}
		if (item instanceof Map || item instanceof Set) {
			for (const [key, inner] of item.entries()) {
				queue.push({ place: `${place}.(key)`, item: key }, { place: `${place}.(value)`, item: inner });
			}
		}
		for (const name of propertiesOf(item)) {
			look(`${place}.(name)`, String(name));
			queue.push({ place: `${place}.${String(name)}`, item: read(item, name) });
		}
	}

	look(
		"its text",
		attempt(() => String(value)),
	);
	look(
		"its JSON",
		attempt(() => JSON.stringify(value) ?? ""),
	);
	const inspect = await loadInspect();
	if (inspect !== undefined) {
		const options = { showHidden: true, depth: Infinity, maxArrayLength: null, maxStringLength: null };
		look(
			"util.inspect",
			attempt(() => inspect(value, options)),
		);
		look(
			"util.inspect with getters",
			attempt(() => inspect(value, { ...options, getters: true })),
		);
	}
	return [...found];
}

/** Names of all properties, up the prototypes as far as they are not the language's own. */
function propertiesOf(item: object): Set<PropertyKey> {
	const names = new Set<PropertyKey>();
	const builtIn = new Set<unknown>([
		Object.prototype,
		Error.prototype,
		TypeError.prototype,
		Function.prototype,
	]);
	for (let at: object | null = item; at !== null && !builtIn.has(at); at = Object.getPrototypeOf(at)) {
		for (const name of Reflect.ownKeys(at)) names.add(name);
	}
	return names;
}

function read(item: object, name: PropertyKey): unknown {
	try {
		return Reflect.get(item, name);
	} catch {
		return undefined;
	}
}

function attempt(render: () => string): string {
	try {
		return render();
	} catch {
		return "";
	}
}

function toHex(bytes: Uint8Array): string {
	return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

type Inspect = (value: unknown, options: object) => string;

async function loadInspect(): Promise<Inspect | undefined> {
	// Named by a variable, so that bundlers for other runtimes leave it alone.
	const name = "node:util";
	try {
		return ((await import(name)) as { inspect: Inspect }).inspect;
	} catch {
		return undefined;
	}
}
