import type { YamlSheet } from "./yaml-sheet.ts";

export function writeFlow(sheet: YamlSheet, prefix: string, indent: number): void {
	const { random } = sheet;
	sheet.count("flow collection");
	const multi = random.chance(25);
	const pad = `\n${" ".repeat(indent + sheet.shape.indent + 1)}`;
	if (multi) sheet.count("flow over lines");
	let text = flowNode(sheet, 0, multi ? pad : " ");
	if (multi && sheet.shape.comments && random.chance(50)) {
		sheet.count("comment in flow");
		text = text.replace(/\n/g, (gap) => {
			if (!random.chance(30)) return gap;
			return random.chance(50) ? ` ${sheet.commentText()}${gap}` : `${pad}${sheet.commentText()}${gap}`;
		});
	}
	sheet.lines.push(prefix + text + sheet.lineComment("comment behind a flow collection"));
}

function flowNode(sheet: YamlSheet, depth: number, gap: string): string {
	const { random } = sheet;
	const kind = random.int(depth > 2 ? 60 : 100);
	if (kind < 60 && depth > 0) {
		return random.pick([
			"a",
			"1",
			"true",
			"'q'",
			'"d"',
			"x y",
			"null",
			"1.5",
			"2024-01-05",
			"''",
			"a-b",
			"~",
			"",
			"a:b",
			"'it''s'",
			'"a, b"',
			"http://x/y",
			"-1",
			"!!str 1",
			"x#y",
			...(sheet.anchors.length > 0 ? [`*${random.pick(sheet.anchors)} `] : []),
		]);
	}
	const n = random.int(4);
	const parts: string[] = [];
	if (kind % 2 === 0) {
		for (let i = 0; i < n; i++) {
			// An empty item in the middle of a list is an error.
			const item = flowNode(sheet, depth + 1, gap) || "e";
			if (random.chance(6)) {
				sheet.count("pair in a flow list");
				parts.push(`p${sheet.keyCount++}: ${item}`);
			} else parts.push(item);
		}
		if (n === 0) {
			sheet.count("empty flow collection");
			return "[]";
		}
		return `[${gap === " " ? "" : gap}${parts.join(`,${gap}`)}${random.chance(5) ? "," : ""}]`;
	}
	for (let i = 0; i < n; i++) {
		const key = `${random.pick(["k", '"q k"', "z-", "'s'"])}${sheet.keyCount++}`.replace(
			/(["'])(.*)\1(\d+)/,
			"$1$2$3$1",
		);
		if (random.chance(5)) {
			sheet.count("flow key without value");
			parts.push(key);
		} else {
			const colon = key.startsWith('"') && random.chance(30) ? ":" : random.chance(5) ? " : " : ": ";
			parts.push(`${random.chance(3) ? "? " : ""}${key}${colon}${flowNode(sheet, depth + 1, gap)}`);
		}
	}
	if (n === 0) return "{}";
	return `{${gap === " " ? random.pick(["", " "]) : gap}${parts.join(`,${gap}`)}${random.pick(["", " "])}}`;
}
