/**
 * Go: `strconv.ParseBool(text)`.
 *
 * @returns `undefined` for every other spelling
 */
export function parseGoBool(text: string): boolean | undefined {
	switch (text) {
		case "1":
		case "t":
		case "T":
		case "TRUE":
		case "true":
		case "True":
			return true;
		case "0":
		case "f":
		case "F":
		case "FALSE":
		case "false":
		case "False":
			return false;
		default:
			return undefined;
	}
}
