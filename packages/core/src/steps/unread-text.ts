import type { Finding } from "../finding.ts";

/** Why a plaintext is not kept in its layout (decision 0011). */
export function unreadText(): Finding {
	return {
		code: "layout-not-kept",
		message:
			"The file holds comments or other text that SOPS drops and that would have stayed in clear, so it was written as sops writes it, without them.",
	};
}
