import type { AccessUseCases, Actor } from "@airfleet/control";

const SYSTEM: Actor = { id: "system", role: "admin", instances: ["*"], sourceIp: null, requestId: null };

/** Long enough to make one's own tokens with it, short enough to be forgotten in a terminal's history. */
const BOOTSTRAP_DAYS = 1;

/** On the first start in token mode nobody could get in: makes one admin token. Undefined when there are tokens already. */
export const issueBootstrapToken = async (
  access: Pick<AccessUseCases, "listTokens" | "createToken">,
): Promise<string | undefined> => {
  const tokens = await access.listTokens();
  if (tokens.length > 0) return undefined;
  const issued = await access.createToken(SYSTEM, {
    name: "bootstrap",
    role: "admin",
    instances: ["*"],
    expiresInDays: BOOTSTRAP_DAYS,
  });
  return issued.plain;
};
