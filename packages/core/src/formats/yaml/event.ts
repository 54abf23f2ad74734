import { type Comments, NO_COMMENTS, type ScalarStyle } from "./token.ts";

export interface Event {
	readonly type:
		| "document-start"
		| "document-end"
		| "stream-end"
		| "alias"
		| "scalar"
		| "sequence-start"
		| "sequence-end"
		| "mapping-start"
		| "mapping-end";
	readonly start: number;
	readonly end: number;
	head: Comments;
	line: Comments;
	foot: Comments;
	readonly anchor: string;
	/** Resolved: `tag:yaml.org,2002:str`, `!local`, `!` or empty. */
	readonly tag: string;
	readonly value: string;
	readonly style: ScalarStyle;
	readonly flow: boolean;
}

/** An event without comments. */
export function event(
	type: Event["type"],
	start: number,
	end: number,
	rest: Partial<Pick<Event, "anchor" | "tag" | "value" | "style" | "flow">> = NOTHING,
): Event {
	return {
		type,
		start,
		end,
		head: NO_COMMENTS,
		line: NO_COMMENTS,
		foot: NO_COMMENTS,
		anchor: rest.anchor ?? "",
		tag: rest.tag ?? "",
		value: rest.value ?? "",
		style: rest.style ?? "plain",
		flow: rest.flow ?? false,
	};
}

const NOTHING = {};
