import { age, generateIdentity, recipient } from "@sopskit/age";
import { decryptDocument, encryptDocument, isSopsError } from "@sopskit/core";

/** What a runtime is given. Nothing of it is a secret of anybody. */
export interface Task {
	/** A file that sops wrote, and the key file that opens it. */
	readonly encrypted: string;
	readonly keyFile: string;
	/** A key file that age encrypted with a passphrase; it holds another identity. */
	readonly protectedKeyFile: string;
	readonly passphrase: string;
	readonly protectedRecipient: string;
	readonly sshRecipients: readonly string[];
}

/** What it made of it. */
export interface Outcome {
	readonly decrypted: string;
	/** A file for everybody in the task, for others to decrypt. */
	readonly encrypted: string;
	/** What is in it, as each of the keys that the runtime has opens it. */
	readonly opened: Readonly<Record<string, unknown>>;
	/** Code of the error for a key that does not open it. */
	readonly strangerCode: string;
	readonly identity: string;
}

/** The same work for every runtime: decrypt and encrypt a file, with keys of each kind that works there. */
export async function perform(task: Task): Promise<Outcome> {
	const format = "yaml";
	const providers = [age({ identities: task.keyFile })];
	const document = await decryptDocument(task.encrypted, { format, providers });

	const [x25519, hybrid, stranger] = await Promise.all([
		generateIdentity(),
		generateIdentity({ type: "hybrid" }),
		generateIdentity(),
	]);
	const everybody = [x25519.recipient, hybrid.recipient, task.protectedRecipient, ...task.sshRecipients];
	const { text } = await encryptDocument("greeting: hello\n", {
		format,
		keyGroups: [everybody.map((one) => recipient(one))],
	});
	const open = async (provider: ReturnType<typeof age>): Promise<unknown> =>
		(await decryptDocument(text, { format, providers: [provider] })).data;
	const opened = {
		x25519: await open(age({ identities: x25519.keyFile })),
		hybrid: await open(age({ identities: async () => hybrid.identity })),
		protected: await open(age({ identities: task.protectedKeyFile, passphrase: () => task.passphrase })),
	};
	const strangerCode = await open(age({ identities: stranger.identity })).then(
		() => "none",
		(error: unknown) => (isSopsError(error) ? error.code : String(error)),
	);
	return { decrypted: document.text(), encrypted: text, opened, strangerCode, identity: x25519.identity };
}
