import { ROUTES } from "@airfleet/contract";
import type { Actor, Control, ShownAlertRule } from "@airfleet/control";
import { AirfleetError } from "@airfleet/model";
import type { AlertQuery, StoredAlert } from "@airfleet/store";
import { canSee } from "../access/authorize.ts";
import { readIfMatch, toETag } from "../http/version-tag.ts";
import { toAlertDetailView, toAlertRuleView, toAlertView } from "../views/alert-view.ts";
import { bind } from "./bind.ts";
import { given } from "./given.ts";
import { covers, requireCover } from "./scope.ts";

const WRITE = "alert:write";
/** Whoever wants silence for longer had better change the rule. */
const LONGEST_SNOOZE_MS = 90 * 86_400_000;

const isVisible = (actor: Actor, { definition }: ShownAlertRule): boolean => covers(actor, definition.instances);

const findRule = async (control: Control, actor: Actor, id: string): Promise<ShownAlertRule | undefined> => {
  const rule = (await control.alerts.listRules()).find((one) => one.id === id);
  return rule !== undefined && isVisible(actor, rule) ? rule : undefined;
};

/** @throws {AirfleetError} DOCUMENT_UNKNOWN */
const getRule = async (control: Control, actor: Actor, id: string): Promise<ShownAlertRule> => {
  const rule = await findRule(control, actor, id);
  if (rule === undefined) throw new AirfleetError("DOCUMENT_UNKNOWN", { kind: "alert rule", id });
  return rule;
};

/** Alerts of rules that the actor sees, and those of other rules about just one instance that they see. */
const visibleTo = async (control: Control, actor: Actor): Promise<AlertQuery["visible"]> => {
  if (actor.instances.includes("*")) return undefined;
  const rules = (await control.alerts.listRules()).filter((rule) => isVisible(actor, rule));
  const instances = control.instances.list().filter(({ id }) => canSee(actor, id));
  return { rules: rules.map(({ id }) => id), instances: instances.map(({ id }) => id) };
};

/** @throws {AirfleetError} ALERT_UNKNOWN, also for one about instances that the actor does not see */
const findAlert = async (control: Control, actor: Actor, id: string) => {
  const found = await control.alerts.get(id);
  const sees = ({ instances }: StoredAlert): boolean =>
    actor.instances.includes("*") || (instances.length > 0 && instances.every((one) => canSee(actor, one)));
  if (!sees(found.alert)) throw new AirfleetError("ALERT_UNKNOWN", { alert: id });
  return found;
};

/** A rule may tell only receivers that its author sees. */
const requireReceivers = async (
  control: Control,
  actor: Actor,
  { notify }: ShownAlertRule["definition"],
): Promise<void> => {
  const wanted = notify.flatMap((channel) => (channel.type === "webhook" ? [channel.webhook] : []));
  if (wanted.length === 0) return;
  const seen = (await control.webhooks.list()).filter(({ instances }) => covers(actor, instances));
  const missing = wanted.find((id) => !seen.some((webhook) => webhook.id === id));
  if (missing !== undefined) throw new AirfleetError("ALERT_RULE_RECEIVER_UNKNOWN", { webhook: missing });
};

const readUntil = (text: string | null): number | null => {
  if (text === null) return null;
  const until = Date.parse(text);
  const ahead = until - Date.now();
  if (ahead > 0 && ahead <= LONGEST_SNOOZE_MS) return until;
  const message = "give a time ahead, at most 90 days";
  throw new AirfleetError(
    "REQUEST_INVALID",
    { summary: `until: ${message}` },
    { findings: [{ pointer: "/until", message }] },
  );
};

/** What is watched for, and what was found. */
export const alertRoutes = {
  listAlertRules: bind(ROUTES.listAlertRules, async ({ actor, control }) => {
    const rules = await control.alerts.listRules();
    return { items: rules.filter((rule) => isVisible(actor, rule)).map(toAlertRuleView), next_cursor: null };
  }),

  getAlertRule: bind(ROUTES.getAlertRule, async ({ actor, control, params, setHeader }) => {
    const rule = await getRule(control, actor, params.rule);
    setHeader("etag", toETag(rule.version));
    return toAlertRuleView(rule);
  }),

  putAlertRule: bind(ROUTES.putAlertRule, async (context) => {
    const { actor, body, control, header, params, setHeader, setStatus } = context;
    await requireCover(control, actor, body.instances, WRITE);
    await requireReceivers(control, actor, body);
    const isNew = header("if-match") === undefined && (await findRule(control, actor, params.rule)) === undefined;
    const update = async (): Promise<ShownAlertRule> => {
      const { id, version } = await getRule(control, actor, params.rule);
      const expected = readIfMatch(header("if-match"), `alert rule "${id}"`, version);
      return control.alerts.updateRule(actor, id, body, expected);
    };
    const rule = isNew ? await control.alerts.createRule(actor, params.rule, body) : await update();
    if (isNew) {
      setStatus(201);
      setHeader("location", `/api/v1/alert-rules/${params.rule}`);
    }
    setHeader("etag", toETag(rule.version));
    return toAlertRuleView(rule);
  }),

  deleteAlertRule: bind(ROUTES.deleteAlertRule, async ({ actor, control, header, params }) => {
    const { id, version } = await getRule(control, actor, params.rule);
    await control.alerts.removeRule(actor, id, readIfMatch(header("if-match"), `alert rule "${id}"`, version));
    return undefined;
  }),

  testAlertRule: bind(ROUTES.testAlertRule, async ({ actor, control, params }) => {
    const { id } = await getRule(control, actor, params.rule);
    return { channels: [...(await control.alerts.testRule(actor, id))] };
  }),

  listAlerts: bind(ROUTES.listAlerts, async ({ actor, control, query }) => {
    const visible = await visibleTo(control, actor);
    const states = query.state === undefined ? undefined : [query.state];
    const page = await control.alerts.list({
      limit: query.limit,
      ...given({ visible, states, rules: query.rule, after: query.cursor }),
    });
    return { items: page.items.map(toAlertView), next_cursor: page.next };
  }),

  getAlert: bind(ROUTES.getAlert, async ({ actor, control, params }) => {
    const { alert, history } = await findAlert(control, actor, params.alert);
    return toAlertDetailView(alert, history);
  }),

  snoozeAlert: bind(ROUTES.snoozeAlert, async ({ actor, body, control, params }) => {
    const { alert } = await findAlert(control, actor, params.alert);
    return toAlertView(await control.alerts.snooze(actor, alert.id, readUntil(body.until)));
  }),
};
