/**
 * What a clause of the contract throws when a provider breaks it. The message says what was seen and what
 * is demanded.
 */
export class ContractViolation extends Error {
	override readonly name: string = "ContractViolation";
}

/**
 * @throws ContractViolation with the message, unless the condition holds
 */
export function demand(condition: boolean, message: string): asserts condition {
	if (!condition) throw new ContractViolation(message);
}
