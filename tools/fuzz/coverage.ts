/** What a generated document contains, by feature; the fuzz run sums and prints it. */
export type Coverage = Map<string, number>;

export function countFeature(coverage: Coverage, feature: string): void {
	coverage.set(feature, (coverage.get(feature) ?? 0) + 1);
}
