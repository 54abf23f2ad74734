import { Random } from "../random.ts";

const NAMES = [
	"api",
	"web",
	"worker",
	"redis",
	"postgres",
	"grafana",
	"billing-service",
	"cache",
	"queue",
	"mailer",
];
const SECRETS = [
	...[
		"hunter2",
		"correct horse battery staple",
		"p@ss:w0rd",
		"a#b",
		"s3cr3t!",
		"Zm9vYmFy",
		"x=y&z=1",
		"50%",
		"it's",
		"ünïcödé",
	],
	...[
		"postgres://user:pw@db:5432/app",
		"ghp_0123456789abcdef",
		"-----",
		"trailing ",
		"0123",
		"true",
		"no",
		"1.50",
		"null",
		"",
	],
];
const PLAIN = [
	"enabled",
	"eu-central-1",
	"10.0.0.0/8",
	"info",
	"main",
	"v1.2.3",
	"registry.example.com/app:1.0",
	"5s",
	"RollingUpdate",
];
const COMMENTS = [
	"# keep in sync with terraform",
	"# TODO: rotate",
	"#no blank",
	"# --- section ---",
	"## two",
	"# ticket: OPS-1234 (2024-01-05)",
	"# ünïcödé",
];
const PEM = [
	"-----BEGIN PRIVATE KEY-----",
	"MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQC7",
	"VJTUt9Us8cKjMzEfYyjiWA4R4/M2bS1GB4t7NXp98C3SC6dVMvDu",
	"-----END PRIVATE KEY-----",
];

/**
 * A YAML file as people write them: two-space indent, quotes of both kinds, flow style, comments, blank lines,
 * literal blocks. Left out are spellings that no encrypted value can carry, because SOPS encrypts what a value
 * is and not how it was written: octal, hexadecimal and grouped numbers, exponents, escapes that need not be,
 * `|+` where `|` says the same, and where folded text breaks its lines.
 */
export function generateHandFormatted(seed: number): { readonly name: string; readonly text: string } {
	const random = new Random(Math.imul(seed + 1, 0x9e3779b1));
	for (let i = 0; i < 16; i++) random.int(2);
	const writer = new Writer(random);
	const shapes = {
		"Kubernetes Secret": () => writer.kubernetesSecret(),
		"Kubernetes list": () => writer.kubernetesSeveral(),
		"Helm values": () => writer.helmValues(),
		"Compose file": () => writer.compose(),
		"Ansible variables": () => writer.ansible(),
		"application settings": () => writer.settings(),
		"flow style": () => writer.flowStyle(),
	};
	const name = random.pick(Object.keys(shapes)) as keyof typeof shapes;
	shapes[name]();
	return { name, text: writer.text() };
}

class Writer {
	private readonly random: Random;
	private readonly lines: string[] = [];

	constructor(random: Random) {
		this.random = random;
	}

	text(): string {
		return `${this.lines.join("\n")}\n`;
	}

	kubernetesSecret(): void {
		const { random } = this;
		if (this.lines.length === 0) this.maybe(30, "---");
		this.comment(0, 50);
		this.add(0, "apiVersion: v1", "kind: Secret", "metadata:");
		this.add(2, `name: ${random.pick(NAMES)}`);
		this.maybe(60, `  namespace: ${random.pick(NAMES)}  # set by CI`);
		if (random.chance(50)) {
			this.add(2, "labels:");
			this.add(
				4,
				`app.kubernetes.io/name: ${random.pick(NAMES)}`,
				`"app.kubernetes.io/part-of": '${random.pick(NAMES)}'`,
			);
		}
		if (random.chance(30))
			this.add(2, `annotations: { owner: "${random.pick(NAMES)}", tier: '1', checksum/config: abc }`);
		this.maybe(70, "type: Opaque");
		this.blank(30);
		this.add(0, "stringData:");
		this.entries(2, 2 + random.int(5));
	}

	kubernetesSeveral(): void {
		for (let i = 2 + this.random.int(2); i > 0; i--) {
			this.kubernetesSecret();
			if (i > 1) this.add(0, "---");
		}
	}

	helmValues(): void {
		const { random } = this;
		this.comment(0, 80);
		this.add(0, `replicaCount: ${1 + random.int(5)}`, "", "image:");
		this.add(
			2,
			`repository: "ghcr.io/example/${random.pick(NAMES)}"`,
			`tag: '${random.int(9)}.${random.int(9)}'`,
			"pullPolicy: IfNotPresent",
		);
		this.blank(80);
		this.comment(0, 60);
		this.add(0, "ingress:", "  enabled: true", "  annotations: {}", "  hosts:");
		for (let i = 1 + random.int(2); i > 0; i--) {
			this.add(4, `- host: ${random.pick(NAMES)}.example.com`);
			this.add(6, "paths:", '  - path: "/"', "    pathType: Prefix");
		}
		this.maybe(50, "  tls: []");
		this.blank(80);
		this.add(
			0,
			"resources:",
			"  limits: {cpu: 500m, memory: 256Mi}",
			"  requests:",
			"    cpu: 0.5   # cores",
			"    memory: 128Mi",
		);
		this.blank(60);
		this.add(0, "env:");
		this.entries(2, 2 + random.int(4));
		this.blank(40);
		this.add(0, "tolerations: []", "nodeSelector: {}");
		this.comment(0, 30);
	}

	compose(): void {
		const { random } = this;
		this.add(0, "version: '3.8'", "", "services:");
		for (let i = 1 + random.int(3); i > 0; i--) {
			this.comment(2, 40);
			this.add(2, `${random.pick(NAMES)}${i}:`);
			this.add(4, `image: ${random.pick(NAMES)}:latest`, "ports: [\"8080:80\", '9090:90']");
			if (random.chance(60)) {
				this.add(4, "environment:");
				if (random.chance(50))
					for (let n = 1 + random.int(3); n > 0; n--)
						this.add(6, `- KEY_${n}=${random.pick(["a", "b c", "x=y"])}`);
				else this.entries(6, 1 + random.int(3));
			}
			this.maybe(40, "    restart: unless-stopped   # always?");
			if (random.chance(40)) this.add(4, "command: >-", "  run --port 80 --verbose");
			this.maybe(
				40,
				'    healthcheck: {test: ["CMD", "curl", "-f", "http://localhost"], interval: 30s, retries: 3}',
			);
			this.blank(60);
		}
		this.add(0, "volumes:", "  data: {}");
	}

	ansible(): void {
		const { random } = this;
		this.add(0, "---");
		this.comment(0, 90);
		for (let i = 2 + random.int(3); i > 0; i--)
			this.add(0, `${random.pick(NAMES).replace("-", "_")}_${i}_port: ${1000 + random.int(9000)}`);
		this.blank(70);
		this.add(0, "vault_users:");
		for (let i = 1 + random.int(3); i > 0; i--) {
			this.comment(2, 30);
			this.add(
				2,
				`- name: user${i}`,
				`  password: ${this.quoted(random.pick(SECRETS))}`,
				`  groups: [wheel, "docker", 'adm']`,
				`  uid: ${1000 + i}`,
			);
			this.blank(30);
		}
		this.add(0, "ssh_private_key: |");
		this.add(2, ...PEM);
		this.blank(30);
		this.add(0, 'template_var: \'{{ lookup("env", "HOME") }}\'');
		this.entries(0, 1 + random.int(3));
	}

	settings(): void {
		const { random } = this;
		for (let i = 2 + random.int(3); i > 0; i--) {
			this.comment(0, 60);
			this.add(0, `section${i}:`);
			this.comment(2, 30);
			this.entries(2, 1 + random.int(4));
			if (random.chance(50)) {
				this.add(2, `nested:`);
				this.entries(4, 1 + random.int(3));
			}
			if (random.chance(40)) {
				this.add(2, "items:");
				const deeper = random.chance(50) ? 4 : 2;
				for (let n = 1 + random.int(4); n > 0; n--) this.add(deeper, `- ${this.value()}`);
			}
			this.blank(70);
		}
	}

	flowStyle(): void {
		const { random } = this;
		this.add(0, `simple: {user: admin, "pass": ${this.quoted("hunter2")}, port: 5432}`);
		this.add(0, `list: [1, two, 'three', "four", 5.5, true, null]`);
		this.blank(50);
		this.add(
			0,
			"multi: {",
			`  a: ${random.pick(PLAIN).replace(/[:,]/g, "-")},  # first`,
			`  "b": [x, y],`,
			"  c: {d: 1},",
			"}",
		);
		this.comment(0, 50);
		this.add(0, "lists: [", "  one,", `  ${this.quoted("two words")},`, "  3", "]");
		this.entries(0, 1 + random.int(3));
	}

	private entries(indent: number, count: number): void {
		const { random } = this;
		for (let i = 0; i < count; i++) {
			this.comment(indent, 25);
			const key = `${random.pick(["password", "token", "api-key", "DB_URL", "user.name", '"quoted key"', "port", "debug", "ratio"])}`;
			const name = key.startsWith('"') ? `${key.slice(0, -1)} ${i}"` : `${key}_${i}`;
			const kind = random.int(10);
			if (kind === 0) {
				this.add(indent, `${name}: ${random.pick(["|", "|-"])}`);
				this.add(indent + 2, ...(random.chance(50) ? PEM : ["first line", "", "  indented", "last line"]));
			} else if (kind === 1) {
				this.add(indent, `${name}: >${random.pick(["", "-"])}`);
				this.add(indent + 2, "folded text that goes on", "", "second paragraph");
			} else if (kind === 2) this.add(indent, `${name}:   ${this.value()}`);
			else this.add(indent, `${name}: ${this.value()}${random.chance(20) ? "  # inline note" : ""}`);
			this.blank(15);
		}
	}

	private value(): string {
		const { random } = this;
		const kind = random.int(10);
		if (kind < 3) return this.quoted(random.pick(SECRETS));
		if (kind < 5) return random.pick(PLAIN);
		if (kind < 6) return `"esc \\"q\\" \\t é \\\\"`;
		return random.pick([
			"8080",
			"1.5",
			"1.0",
			"true",
			"false",
			"null",
			"~",
			"2024-01-05",
			"yes",
			"",
			"off",
			"''",
			'""',
		]);
	}

	private quoted(text: string): string {
		return this.random.chance(50) ? `"${text}"` : `'${text.replaceAll("'", "''")}'`;
	}

	private add(indent: number, ...lines: readonly string[]): void {
		for (const line of lines) this.lines.push(line === "" ? "" : (" ".repeat(indent) + line).trimEnd());
	}

	private comment(indent: number, percent: number): void {
		if (this.random.chance(percent)) this.add(indent, this.random.pick(COMMENTS));
	}

	private blank(percent: number): void {
		if (this.random.chance(percent)) this.lines.push("");
	}

	private maybe(percent: number, line: string): void {
		if (this.random.chance(percent)) this.lines.push(line);
	}
}
