/**
 * Splits a command as the reference does (github.com/google/shlex, which is no shell): words are parted by space,
 * tab, CR and LF; what is in single quotes stands as it is; a backslash makes the next character stand as it is,
 * also in double quotes; `#` at the start of a word begins a comment. Decision 0015.
 *
 * @returns the words, or undefined where a quote or a backslash is left open
 */
export function commandWords(command: string): string[] | undefined {
	const words: string[] = [];
	let word: string | undefined;
	let quote: string | undefined;
	let isComment = false;
	for (let at = 0; at < command.length; at++) {
		const character = command[at]!;
		if (isComment) isComment = character !== "\n";
		else if (quote === "'" || (quote === '"' && character !== "\\")) {
			if (character === quote) quote = undefined;
			else word += character;
		} else if (character === "\\") {
			at++;
			if (at === command.length) return undefined;
			word = (word ?? "") + command[at];
		} else if (character === "'" || character === '"') {
			quote = character;
			word ??= "";
		} else if (" \t\r\n".includes(character)) {
			if (word !== undefined) words.push(word);
			word = undefined;
		} else if (character === "#" && word === undefined) isComment = true;
		else word = (word ?? "") + character;
	}
	if (quote !== undefined) return undefined;
	return word === undefined ? words : [...words, word];
}
