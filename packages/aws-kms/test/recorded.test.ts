import { describeExchanges } from "../../../tools/vectors/exchange-suite.ts";
import { awsKms } from "../src/index.ts";
import { CREDENTIALS } from "./moto-keys.ts";

describeExchanges({
	service: "aws-kms",
	server: "moto",
	provider: (url) =>
		awsKms({ credentials: CREDENTIALS, endpoint: () => url, allow: () => true, maxAttempts: 1 }),
	files: 8,
	twins: 7,
});
