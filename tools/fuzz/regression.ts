import type { Difference } from "./check/difference.ts";
import type { FuzzDocument } from "./document.ts";
export function saveRegression(_folder: string, _document: FuzzDocument, _difference: Difference): string {
	return "";
}
