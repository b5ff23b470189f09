import { type Answer, json, text } from "../http/answer.ts";
import type { Request } from "../http/request.ts";
import { pythonRepr } from "../http/python-text.ts";
import type { Deployment, UserSpec } from "../world/deployment.ts";
import { checkToken, issueToken } from "./json-web-token.ts";

/** Who a request comes from, or the answer that refuses it. */
export type Identity = { readonly user: UserSpec } | { readonly refused: Answer };

const tokenOf = (request: Request): string | undefined => {
  const [scheme, token] = (request.headers.authorization ?? "").split(" ");
  if (scheme?.toLowerCase() === "bearer") return token ?? "";
  const cookie = /(?:^|;\s*)_token=([^;]+)/.exec(request.headers.cookie ?? "")?.[1];
  return request.headers.authorization === undefined ? cookie : undefined;
};

/** Checks the bearer token (or the `_token` cookie). Basic credentials count as none. */
export const identify = (deployment: Deployment, request: Request): Identity => {
  const token = tokenOf(request);
  if (token === undefined) return { refused: json(401, { detail: "Not authenticated" }) };
  const check = checkToken(deployment, token);
  if (check.kind === "expired") return { refused: json(401, { detail: "Token Expired" }) };
  const user = check.kind === "ok" ? deployment.users.find((known) => known.username === check.subject) : undefined;
  return user === undefined ? { refused: json(403, { detail: "Invalid JWT token" }) } : { user };
};

const readForm = (request: Request): unknown => {
  const isForm = request.headers["content-type"]?.includes("application/x-www-form-urlencoded") === true;
  return isForm ? Object.fromEntries(new URLSearchParams(request.body)) : (JSON.parse(request.body) as unknown);
};

/** The complaint is one long text here, not a list of findings. */
const missingFields = (form: object): string | undefined => {
  const missing = ["username", "password"].filter((name) => !(name in form));
  if (missing.length === 0) return undefined;
  const lines = missing.map(
    (name) =>
      `${name}\n  Field required [type=missing, input_value=${pythonRepr(form)}, input_type=dict]\n    For further information visit https://errors.pydantic.dev/2.14/v/missing`,
  );
  return `${missing.length} validation error${missing.length === 1 ? "" : "s"} for LoginBody\n${lines.join("\n")}`;
};

/** `POST /auth/token` and `/auth/token/cli` of the simple auth manager. */
export const signIn = (deployment: Deployment, request: Request): Answer => {
  let form: unknown;
  try {
    form = readForm(request);
  } catch {
    return text(500, "Internal Server Error", "text/plain; charset=utf-8");
  }
  if (typeof form !== "object" || form === null) return text(500, "Internal Server Error", "text/plain; charset=utf-8");
  const complaint = missingFields(form);
  if (complaint !== undefined) return json(422, { detail: complaint });
  const { username, password } = form as { readonly username: unknown; readonly password: unknown };
  const user = deployment.users.find((known) => known.username === username && known.password === password);
  if (user === undefined) return json(401, { detail: "Invalid credentials" });
  const { tokenLifetimeSeconds, cliTokenLifetimeSeconds } = deployment.settings;
  const lifetime = request.path.endsWith("/cli") ? cliTokenLifetimeSeconds : tokenLifetimeSeconds;
  return json(201, { access_token: issueToken(deployment, user, lifetime) });
};
