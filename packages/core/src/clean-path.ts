/** Go: `path.Clean`. The shortest path of the same meaning, by its text alone: no link is followed. */
export function cleanPath(path: string): string {
	const rooted = path.startsWith("/");
	const kept: string[] = [];
	for (const segment of path.split("/")) {
		if (segment === "" || segment === ".") continue;
		if (segment !== "..") kept.push(segment);
		else if (kept.length > 0 && kept.at(-1) !== "..") kept.pop();
		else if (!rooted) kept.push(segment);
	}
	return rooted ? `/${kept.join("/")}` : kept.join("/") || ".";
}
