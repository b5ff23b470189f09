import { ROUTES } from "@airfleet/contract";
import { AirfleetError, isAirfleetError } from "@airfleet/model";
import { canSee } from "../access/authorize.ts";
import { toActionView } from "../views/action-view.ts";
import { toAuditView, toIssuedTokenView, toTokenView, toVerificationView } from "../views/house-view.ts";
import { bind } from "./bind.ts";
import { given } from "./given.ts";
import { covers, listedInstances, requireCover } from "./scope.ts";

/** Actions, audit trail, tokens and the server itself. */
export const houseRoutes = {
  listActions: bind(ROUTES.listActions, async ({ actor, control, query }) => {
    const instances = await listedInstances(control, actor, query.instance, "action:read");
    const page = await control.actions.list({
      limit: query.limit,
      ...given({ instances, states: query.state, verbs: query.verb, after: query.cursor }),
    });
    return { items: page.items.map(toActionView), next_cursor: page.next };
  }),

  getAction: bind(ROUTES.getAction, async ({ actor, control, params }) => {
    const action = await control.actions.get(params.action);
    if (!canSee(actor, action.instance)) throw new AirfleetError("ACTION_UNKNOWN", { action: params.action });
    return toActionView(action);
  }),

  listAudit: bind(ROUTES.listAudit, async ({ actor, control, query }) => {
    const instances = await listedInstances(control, actor, query.instance, "audit:read");
    const page = await control.audit.list({
      limit: query.limit,
      ...given({
        instances,
        actor: query.actor,
        verbs: query.verb,
        dagId: query.dag_id,
        since: query.since === undefined ? undefined : Date.parse(query.since),
        until: query.until === undefined ? undefined : Date.parse(query.until),
        after: query.cursor,
      }),
    });
    return { items: page.items.map(toAuditView), next_cursor: page.next };
  }),

  verifyAudit: bind(ROUTES.verifyAudit, async ({ control }) => toVerificationView(await control.audit.verify())),

  listTokens: bind(ROUTES.listTokens, async ({ actor, control }) => {
    const tokens = await control.access.listTokens();
    return { items: tokens.filter((token) => covers(actor, token.instances)).map(toTokenView), next_cursor: null };
  }),

  createToken: bind(ROUTES.createToken, async ({ actor, body, control, setHeader }) => {
    await requireCover(control, actor, body.instances, "token:write");
    const token = await control.access.createToken(actor, {
      name: body.name,
      role: body.role,
      instances: body.instances,
      expiresInDays: body.expires_in_days,
    });
    setHeader("location", `/api/v1/tokens/${encodeURIComponent(token.id)}`);
    return toIssuedTokenView(token);
  }),

  revokeToken: bind(ROUTES.revokeToken, async ({ actor, control, params }) => {
    const unknown = (): AirfleetError => new AirfleetError("TOKEN_ID_UNKNOWN", { token: params.token });
    const token = (await control.access.listTokens()).find(({ id }) => id === params.token);
    if (token === undefined || !covers(actor, token.instances)) throw unknown();
    await control.access.revokeToken(actor, token.id).catch((error: unknown) => {
      throw isAirfleetError(error, "TOKEN_UNKNOWN") ? unknown() : error;
    });
    return undefined;
  }),

  listSettings: bind(ROUTES.listSettings, ({ house }) => ({
    items: house.settings().map((setting) => ({ ...setting })),
    next_cursor: null,
  })),

  getVersion: bind(ROUTES.getVersion, ({ actor, house }) => ({
    name: "airfleet" as const,
    version: house.version,
    node: actor.id === "anonymous" ? null : process.version,
  })),

  getHealth: bind(ROUTES.getHealth, () => ({ status: "ok" as const })),

  getReadiness: bind(ROUTES.getReadiness, async ({ control, house, setStatus }) => {
    if (house.isDraining()) {
      setStatus(503);
      return { status: "draining" as const };
    }
    try {
      await control.checkReady();
      return { status: "ok" as const, checks: { store: "ok" } };
    } catch (error) {
      setStatus(503);
      return { status: "failing" as const, checks: { store: isAirfleetError(error) ? error.code : "INTERNAL" } };
    }
  }),
};
