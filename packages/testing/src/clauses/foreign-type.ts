import type { ClauseCheck } from "../clause-check.ts";
import { ContractViolation, demand } from "../contract-violation.ts";
import { kindOf } from "../outcome.ts";

export const foreignType: ClauseCheck = async (subject) => {
	const provider = await subject.provider();
	for (const type of ["sopskit-contract", `${subject.ref.type}2`, "", "__proto__"]) {
		let key: unknown;
		try {
			key = provider.masterKey({ ...subject.ref, type });
		} catch (error) {
			throw new ContractViolation(
				`masterKey() threw ${kindOf(error)} for a foreign type: it must give undefined`,
			);
		}
		demand(
			key === undefined,
			`masterKey() gave a key for the foreign type "${type}": it must give undefined`,
		);
	}
};
