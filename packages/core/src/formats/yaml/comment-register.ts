import type { Event } from "./event.ts";
import { type CommentGroup, type Comments, NO_COMMENTS, type Token } from "./token.ts";

/**
 * Comments on their way from the tokens they were read beside to the events that carry them: collected when a
 * token is looked at, given out at the next event that takes comments (go.yaml.in/yaml/v3 3.0.4, parserc.go).
 */
export class CommentRegister {
	private readonly groups: readonly CommentGroup[];
	private next = 0;
	private head = NO_COMMENTS;
	private line = NO_COMMENTS;
	private foot = NO_COMMENTS;
	/** Head comment of a list item that holds a collection: it heads the collection, not its first entry. */
	private stem = NO_COMMENTS;

	constructor(groups: readonly CommentGroup[]) {
		this.groups = groups;
	}

	/** Takes in the groups that belong to a token or to what came before it. */
	collect(token: Token): void {
		while (this.next < this.groups.length) {
			const group = this.groups[this.next]!;
			if (token.start < group.anchor) return;
			// An end takes no head; the token behind it does.
			if (group.head.length > 0 && token.type === "block-end") return;
			this.head = joined(this.head, group.head);
			this.foot = joined(this.foot, group.foot);
			this.line = joined(this.line, group.line);
			this.next++;
		}
	}

	/** Gives all that was collected to an event. */
	giveTo(target: Event): Event {
		target.head = this.head;
		target.line = this.line;
		target.foot = this.foot;
		this.head = NO_COMMENTS;
		this.line = NO_COMMENTS;
		this.foot = NO_COMMENTS;
		this.stem = NO_COMMENTS;
		return target;
	}

	/** The comments above the last empty line head the document; the rest stays for its first node. */
	takeDocumentHead(): Comments {
		const { head } = this;
		for (let i = head.length - 1; i > 0; i--) {
			if (head[i]!.text !== "") continue;
			this.head = head.slice(i + 1);
			return head.slice(0, i);
		}
		return NO_COMMENTS;
	}

	/** How many head comments wait. */
	get headLength(): number {
		return this.head.length;
	}

	/** Sets the first head comments aside for the collection that follows. */
	setStem(length: number): void {
		this.stem = this.head.slice(0, length);
		this.head = this.head.slice(length);
	}

	takeStem(): Comments {
		const { stem } = this;
		this.stem = NO_COMMENTS;
		return stem;
	}
}

function joined(before: Comments, more: Comments): Comments {
	if (more.length === 0) return before;
	return before.length === 0 ? more : [...before, ...more];
}
