/** A call that can never work: an unknown option, an argument of the wrong type. */
export class UsageError extends TypeError {
	override readonly name: string = "UsageError";
	readonly code: "argument-invalid" | "option-unknown" = "argument-invalid";

	constructor(code: "argument-invalid" | "option-unknown", message: string) {
		super(message);
		this.code = code;
	}
}
