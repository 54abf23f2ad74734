import type { Finding, FindingCode } from "../finding.ts";
import type { YamlNode } from "../formats/yaml/node.ts";
import type { KeyType } from "../keys/contract.ts";
import type { RuleSyntax } from "../keys/rule-syntax/rule-syntax.ts";
import type { Path } from "../path.ts";
import { Decoder } from "./decode.ts";
import { nearest } from "./nearest.ts";
import { placeName } from "./problem.ts";

/** A type of key that rules can name. */
export interface RuleKeyType extends KeyType {
	readonly rules: RuleSyntax;
}

/** What reading one configuration needs in all its parts. */
export class Reader {
	readonly decoder: Decoder = new Decoder();
	readonly findings: Finding[] = [];
	readonly keyTypes: readonly RuleKeyType[];
	readonly encryptionContext: Readonly<Record<string, string>>;
	private readonly anchored: ReadonlySet<YamlNode>;
	private readonly searched = new Map<YamlNode, boolean>();

	constructor(
		root: YamlNode,
		keyTypes: readonly RuleKeyType[],
		encryptionContext: Readonly<Record<string, string>>,
	) {
		this.keyTypes = keyTypes;
		this.encryptionContext = encryptionContext;
		this.anchored = aliased(root);
	}

	/** @param predicate - goes after the name of the place */
	find(code: FindingCode, path: Path, predicate: string): void {
		this.findings.push({ code, path, message: `${placeName(path)} ${predicate}.` });
	}

	/**
	 * The fields of a mapping. Unknown ones are found and left out, but for those that only hold anchors for
	 * others.
	 */
	struct(node: YamlNode, path: Path, known: readonly string[]): ReadonlyMap<string, YamlNode> | undefined {
		const fields = this.decoder.fields(node, path);
		if (fields === undefined) return undefined;
		for (const [name, value] of fields) {
			if (known.includes(name) || this.holdsAnchor(value)) continue;
			const like = nearest(name, known);
			const hint = like === undefined ? `known here are ${known.join(", ")}` : `${like} may be meant`;
			this.find("config-field-unknown", [...path, name], `is not a field, and is ignored; ${hint}`);
		}
		return fields;
	}

	private holdsAnchor(node: YamlNode): boolean {
		let holds = this.searched.get(node);
		if (holds === undefined) {
			holds = [...below(node)].some((one) => this.anchored.has(one));
			this.searched.set(node, holds);
		}
		return holds;
	}
}

/** The nodes that aliases stand for. */
function aliased(root: YamlNode): ReadonlySet<YamlNode> {
	const found = new Set<YamlNode>();
	for (const { target } of below(root)) if (target !== undefined) found.add(target);
	return found;
}

/** A node and all that it contains, without following aliases. Iterative: depth is the author's choice. */
function* below(node: YamlNode): Generator<YamlNode> {
	const open = [node];
	for (let next = open.pop(); next !== undefined; next = open.pop()) {
		yield next;
		for (const child of next.content) open.push(child);
	}
}
