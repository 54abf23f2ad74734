import { describeReference } from "@sopskit/reference/suite";
import { expect, it } from "vitest";
import { isSopsError } from "../src/errors.ts";
import { parseYaml } from "../src/formats/yaml/yaml.ts";
import { oracleTree } from "./oracle-tree.ts";

/** Texts on which this library once differed from go-yaml; found by the fuzzer and by files of other projects. */
const TEXTS: readonly string[] = [
	'a: "\n"\n',
	"k: 'x\ny'\nz: 1\n",
	"list: [\n  a,\n  b\n]\nc: 1\n",
	"m: {\n  a: 'x\ny', # c ] \n  b: [\n1,\n2\n]\n}\nz: 1 # e\n",
	"a: [{'':{\n},}]\n",
	"%YAML 1.1 # c\n---\na: 1\n",
	"%TAG ! !x # c\n---\na: !y b\n",
	"%TAG ! ? e\n---\na: 1\n",
	"<<: x\nb: 1\n",
	"<<: {a: 1}\nb: 2\n",
	'"<<": x\n',
	"s: %\n",
	",: x\n",
	"o: !!\n",
	"a: !#\n",
	"d: [p:{}]\n",
	'"":\n\ufeff\n',
	'a: ""\u2028h:\n',
	"\u2028v: 1\n",
	"\ra:\n",
	"a: x\u2028b: y\n",
	"a: &n k\n*n: v\n",
	"a: &n k\n*n : v\n",
	"a: {?foo: bar}\n",
	"a: {? foo : bar, ?b: 1}\n",
	"a0: &a0 k\n*a0 : v\n*a0 : w\n",
	'a: "\\uFEFFab"\nb: 😀\n',
	"a: 1e400\nb: .5\nc: 08\nd: 0o17\ne: 1_000\nf: +12\ng: 0x_1F\n",
	"a: |+\n  x\n\n\nb: >2-\n    y\n  z\n",
	"- 1\n",
	"# only\n# comments\n---\n# more\n",
];

describeReference("YAML that was read in another way once", (reference) => {
	it.each(TEXTS)("%j", async (text) => {
		const theirs = await reference.oracle.call("load", { format: "yaml", text }).then(
			({ tree }) => tree,
			() => "refused",
		);
		let ours: unknown;
		try {
			ours = oracleTree(parseYaml(text).branches);
		} catch (error) {
			if (!isSopsError(error)) throw error;
			ours = "refused";
		}
		expect(ours).toEqual(theirs);
	});
});
