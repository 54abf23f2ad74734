import type { SopsError } from "../../errors.ts";
import { CommentRegister } from "./comment-register.ts";
import { type Event, event } from "./event.ts";
import type { Scanner } from "./scanner.ts";
import { TagHandles } from "./tag-handles.ts";
import { NO_COMMENTS, type Token } from "./token.ts";

type State =
	| "document-first"
	| "document-next"
	| "document-content"
	| "document-end"
	| "block-node"
	| "sequence-first"
	| "sequence-entry"
	| "indentless-entry"
	| "mapping-first"
	| "mapping-key"
	| "mapping-value"
	| "flow-sequence-first"
	| "flow-sequence-entry"
	| "flow-pair-key"
	| "flow-pair-value"
	| "flow-pair-end"
	| "flow-mapping-first"
	| "flow-mapping-key"
	| "flow-mapping-value"
	| "flow-mapping-empty-value"
	| "end";

/**
 * Turns tokens into events and hands each event the comments that go-yaml hands it (go.yaml.in/yaml/v3 3.0.4,
 * parserc.go): comments are collected when a token is looked at and given out at the next event that takes them.
 */
export class EventReader {
	private readonly scanner: Scanner;
	private readonly tokens: readonly Token[];
	private readonly comments: CommentRegister;
	private readonly tags = new TagHandles();
	private next = 0;
	private state: State = "document-first";
	private readonly states: State[] = [];

	constructor(scanner: Scanner) {
		this.scanner = scanner;
		this.tokens = scanner.tokens;
		this.comments = new CommentRegister(scanner.comments);
	}

	read(): Event {
		switch (this.state) {
			case "document-first":
				return this.documentStart(true);
			case "document-next":
				return this.documentStart(false);
			case "document-content":
				return this.documentContent();
			case "document-end":
				return this.documentEnd();
			case "block-node":
				return this.node(true, false);
			case "sequence-first":
				this.skip();
				return this.sequenceEntry();
			case "sequence-entry":
				return this.sequenceEntry();
			case "indentless-entry":
				return this.indentlessEntry();
			case "mapping-first":
				this.peek();
				this.skip();
				return this.mappingKey();
			case "mapping-key":
				return this.mappingKey();
			case "mapping-value":
				return this.mappingValue();
			case "flow-sequence-first":
				this.skip();
				return this.flowSequenceEntry(true);
			case "flow-sequence-entry":
				return this.flowSequenceEntry(false);
			case "flow-pair-key":
				return this.flowPairKey();
			case "flow-pair-value":
				return this.flowPairValue();
			case "flow-pair-end": {
				this.state = "flow-sequence-entry";
				const token = this.peek();
				return event("mapping-end", token.start, token.start);
			}
			case "flow-mapping-first":
				this.skip();
				return this.flowMappingKey(true);
			case "flow-mapping-key":
				return this.flowMappingKey(false);
			case "flow-mapping-value":
				return this.flowMappingValue(false);
			case "flow-mapping-empty-value":
				return this.flowMappingValue(true);
			case "end":
				return event("stream-end", this.scanner.text.length, this.scanner.text.length);
		}
	}

	// — tokens and comments —

	private peek(): Token {
		const token = this.tokens[this.next]!;
		this.comments.collect(token);
		return token;
	}

	private skip(): void {
		this.next++;
	}

	private take(target: Event): Event {
		return this.comments.giveTo(target);
	}

	private pop(): void {
		this.state = this.states.pop()!;
	}

	private fail(reason: string, token: Token): SopsError {
		return this.scanner.fail(reason, token.start);
	}

	private emptyScalar(at: number): Event {
		return event("scalar", at, at);
	}

	// — documents —

	private documentStart(implicit: boolean): Event {
		let token = this.peek();
		if (!implicit) {
			while (token.type === "document-end") {
				this.skip();
				token = this.peek();
			}
		}
		if (token.type === "stream-end") {
			this.state = "end";
			return event("stream-end", token.start, token.end);
		}
		const explicit =
			!implicit ||
			token.type === "version-directive" ||
			token.type === "tag-directive" ||
			token.type === "document-start";
		if (!explicit) {
			this.tags.addDefaults();
			this.states.push("document-end");
			this.state = "block-node";
			const start = event("document-start", token.start, token.end);
			start.head = this.comments.takeDocumentHead();
			return start;
		}
		this.directives();
		token = this.peek();
		if (token.type !== "document-start") throw this.fail("a document must start with '---' here", token);
		this.states.push("document-end");
		this.state = "document-content";
		this.skip();
		return event("document-start", token.start, token.end);
	}

	private documentContent(): Event {
		const token = this.peek();
		switch (token.type) {
			case "version-directive":
			case "tag-directive":
			case "document-start":
			case "document-end":
			case "stream-end":
				this.pop();
				return this.emptyScalar(token.start);
			default:
				return this.node(true, false);
		}
	}

	private documentEnd(): Event {
		const token = this.peek();
		let end = token.start;
		if (token.type === "document-end") {
			end = token.end;
			this.skip();
		}
		this.tags.clear();
		this.state = "document-next";
		const done = this.take(event("document-end", token.start, end));
		if (done.head.length > 0 && done.foot.length === 0) {
			done.foot = done.head;
			done.head = NO_COMMENTS;
		}
		return done;
	}

	private directives(): void {
		for (let token = this.peek(); ; token = this.peek()) {
			let wrong: string | undefined;
			if (token.type === "version-directive") wrong = this.tags.readVersion(token.value);
			else if (token.type === "tag-directive") wrong = this.tags.readTag(token.value);
			else break;
			if (wrong !== undefined) throw this.fail(wrong, token);
			this.skip();
		}
		this.tags.addDefaults();
	}

	private resolveTag(token: Token): string {
		const tag = this.tags.resolve(token.value);
		if (tag === undefined)
			throw this.fail("the handle of a tag is not defined, or the tag is not well-formed", token);
		return tag;
	}

	// — nodes —

	private node(block: boolean, indentless: boolean): Event {
		let token = this.peek();
		if (token.type === "alias") {
			this.pop();
			const alias = this.take(event("alias", token.start, token.end, { value: token.value }));
			this.skip();
			return alias;
		}
		const { start } = token;
		let end = token.start;
		let anchor = "";
		let tagToken: Token | undefined;
		if (token.type === "anchor") {
			anchor = token.value;
			end = token.end;
			this.skip();
			token = this.peek();
			if (token.type === "tag") {
				tagToken = token;
				end = token.end;
				this.skip();
				token = this.peek();
			}
		} else if (token.type === "tag") {
			tagToken = token;
			end = token.end;
			this.skip();
			token = this.peek();
			if (token.type === "anchor") {
				anchor = token.value;
				end = token.end;
				this.skip();
				token = this.peek();
			}
		}
		const tag = tagToken === undefined ? "" : this.resolveTag(tagToken);
		const properties = { anchor, tag };

		switch (token.type) {
			case "block-entry":
				if (!indentless) break;
				this.state = "indentless-entry";
				return event("sequence-start", token.start, token.end, properties);
			case "scalar": {
				this.pop();
				const { value, style } = token;
				const found = this.take(event("scalar", token.start, token.end, { anchor, tag, value, style }));
				this.skip();
				return found;
			}
			case "flow-sequence-start":
				this.state = "flow-sequence-first";
				return this.take(event("sequence-start", token.start, token.end, { anchor, tag, flow: true }));
			case "flow-mapping-start":
				this.state = "flow-mapping-first";
				return this.take(event("mapping-start", token.start, token.end, { anchor, tag, flow: true }));
			case "block-sequence-start":
			case "block-mapping-start": {
				if (!block) break;
				const sequence = token.type === "block-sequence-start";
				this.state = sequence ? "sequence-first" : "mapping-first";
				const found = event(
					sequence ? "sequence-start" : "mapping-start",
					token.start,
					token.end,
					properties,
				);
				found.head = this.comments.takeStem();
				return found;
			}
		}
		if (anchor !== "" || tag !== "") {
			this.pop();
			return event("scalar", start, end, properties);
		}
		throw this.fail("a value is missing or malformed", token);
	}

	private sequenceEntry(): Event {
		const token = this.peek();
		if (token.type === "block-entry") {
			const mark = token.end;
			this.skipItemStart();
			const next = this.peek();
			if (next.type !== "block-entry" && next.type !== "block-end") {
				this.states.push("sequence-entry");
				return this.node(true, false);
			}
			this.state = "sequence-entry";
			return this.emptyScalar(mark);
		}
		if (token.type === "block-end") {
			this.pop();
			this.skip();
			return event("sequence-end", token.start, token.end);
		}
		throw this.fail("a list item must start with '-'", token);
	}

	private indentlessEntry(): Event {
		const token = this.peek();
		if (token.type === "block-entry") {
			const mark = token.end;
			this.skipItemStart();
			const next = this.peek();
			if (
				next.type !== "block-entry" &&
				next.type !== "key" &&
				next.type !== "value" &&
				next.type !== "block-end"
			) {
				this.states.push("indentless-entry");
				return this.node(true, false);
			}
			this.state = "indentless-entry";
			return this.emptyScalar(mark);
		}
		this.pop();
		return event("sequence-end", token.start, token.start);
	}

	/** Over the dash; a comment above it that heads a collection is set aside for the collection. */
	private skipItemStart(): void {
		const heads = this.comments.headLength;
		this.skip();
		if (heads === 0) return;
		const next = this.peek();
		if (next.type === "block-sequence-start" || next.type === "block-mapping-start")
			this.comments.setStem(heads);
	}

	private mappingKey(): Event {
		const token = this.peek();
		if (token.type === "key") {
			this.skip();
			const next = this.peek();
			if (next.type !== "key" && next.type !== "value" && next.type !== "block-end") {
				this.states.push("mapping-value");
				return this.node(true, true);
			}
			this.state = "mapping-value";
			return this.emptyScalar(token.end);
		}
		if (token.type === "block-end") {
			this.pop();
			const end = this.take(event("mapping-end", token.start, token.end));
			this.skip();
			return end;
		}
		throw this.fail("a mapping needs a key here", token);
	}

	private mappingValue(): Event {
		const token = this.peek();
		this.state = "mapping-key";
		if (token.type !== "value") return this.emptyScalar(token.start);
		this.skip();
		const next = this.peek();
		if (next.type !== "key" && next.type !== "value" && next.type !== "block-end") {
			this.states.push("mapping-key");
			return this.node(true, true);
		}
		return this.emptyScalar(token.end);
	}

	private flowSequenceEntry(first: boolean): Event {
		let token = this.peek();
		if (token.type !== "flow-sequence-end") {
			if (!first) {
				if (token.type !== "flow-entry") throw this.fail("a ',' or ']' is missing in a flow list", token);
				this.skip();
				token = this.peek();
			}
			if (token.type === "key") {
				this.state = "flow-pair-key";
				this.skip();
				return event("mapping-start", token.start, token.end, { flow: true });
			}
			if (token.type !== "flow-sequence-end") {
				this.states.push("flow-sequence-entry");
				return this.node(false, false);
			}
		}
		this.pop();
		const end = this.take(event("sequence-end", token.start, token.end));
		this.skip();
		return end;
	}

	private flowPairKey(): Event {
		const token = this.peek();
		if (token.type !== "value" && token.type !== "flow-entry" && token.type !== "flow-sequence-end") {
			this.states.push("flow-pair-value");
			return this.node(false, false);
		}
		this.skip();
		this.state = "flow-pair-value";
		return this.emptyScalar(token.end);
	}

	private flowPairValue(): Event {
		const token = this.peek();
		if (token.type === "value") {
			this.skip();
			const next = this.peek();
			if (next.type !== "flow-entry" && next.type !== "flow-sequence-end") {
				this.states.push("flow-pair-end");
				return this.node(false, false);
			}
		}
		this.state = "flow-pair-end";
		return this.emptyScalar(token.start);
	}

	private flowMappingKey(first: boolean): Event {
		let token = this.peek();
		if (token.type !== "flow-mapping-end") {
			if (!first) {
				if (token.type !== "flow-entry") throw this.fail("a ',' or '}' is missing in a flow mapping", token);
				this.skip();
				token = this.peek();
			}
			if (token.type === "key") {
				this.skip();
				token = this.peek();
				if (token.type !== "value" && token.type !== "flow-entry" && token.type !== "flow-mapping-end") {
					this.states.push("flow-mapping-value");
					return this.node(false, false);
				}
				this.state = "flow-mapping-value";
				return this.emptyScalar(token.start);
			}
			if (token.type !== "flow-mapping-end") {
				this.states.push("flow-mapping-empty-value");
				return this.node(false, false);
			}
		}
		this.pop();
		const end = this.take(event("mapping-end", token.start, token.end));
		this.skip();
		return end;
	}

	private flowMappingValue(empty: boolean): Event {
		const token = this.peek();
		this.state = "flow-mapping-key";
		if (!empty && token.type === "value") {
			this.skip();
			const next = this.peek();
			if (next.type !== "flow-entry" && next.type !== "flow-mapping-end") {
				this.states.push("flow-mapping-key");
				return this.node(false, false);
			}
		}
		return this.emptyScalar(token.start);
	}
}
