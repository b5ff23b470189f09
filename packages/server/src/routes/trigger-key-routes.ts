import { ROUTES } from "@airfleet/contract";
import type { Actor, Control, KeptTriggerKey } from "@airfleet/control";
import { AirfleetError, isAirfleetError } from "@airfleet/model";
import { canSee } from "../access/authorize.ts";
import { readIfMatch, toETag } from "../http/version-tag.ts";
import { toTriggerKeyView } from "../views/trigger-key-view.ts";
import { bind } from "./bind.ts";
import { requireCover } from "./scope.ts";

/** One of an instance out of the actor's sight is not there for them. */
const findKey = async (control: Control, actor: Actor, id: string): Promise<KeptTriggerKey | undefined> => {
  const kept = await control.triggerKeys.get(id).catch((error: unknown) => {
    if (isAirfleetError(error, "DOCUMENT_UNKNOWN")) return undefined;
    throw error;
  });
  return kept !== undefined && canSee(actor, kept.key.instance) ? kept : undefined;
};

/** @throws {AirfleetError} DOCUMENT_UNKNOWN */
const getKey = async (control: Control, actor: Actor, id: string): Promise<KeptTriggerKey> => {
  const kept = await findKey(control, actor, id);
  if (kept === undefined) throw new AirfleetError("DOCUMENT_UNKNOWN", { kind: "trigger key", id });
  return kept;
};

/** Who may start runs by signing the request. */
export const triggerKeyRoutes = {
  listTriggerKeys: bind(ROUTES.listTriggerKeys, async ({ actor, control }) => {
    const kept = await control.triggerKeys.list();
    return { items: kept.filter(({ key }) => canSee(actor, key.instance)).map(toTriggerKeyView), next_cursor: null };
  }),

  getTriggerKey: bind(ROUTES.getTriggerKey, async ({ actor, control, params, setHeader }) => {
    const kept = await getKey(control, actor, params.key);
    setHeader("etag", toETag(kept.version));
    return toTriggerKeyView(kept);
  }),

  putTriggerKey: bind(ROUTES.putTriggerKey, async ({ actor, body, control, header, params, setHeader, setStatus }) => {
    await requireCover(control, actor, [body.instance], "token:write");
    const tag = header("if-match");
    const isNew = tag === undefined && (await findKey(control, actor, params.key)) === undefined;
    const resource = `trigger key "${params.key}"`;
    const version = isNew ? undefined : readIfMatch(tag, resource, (await getKey(control, actor, params.key)).version);
    const kept = await control.triggerKeys.put(actor, params.key, body, version);
    setHeader("etag", toETag(kept.version));
    if (isNew) {
      setStatus(201);
      setHeader("location", `/api/v1/trigger-keys/${params.key}`);
    }
    return toTriggerKeyView(kept);
  }),

  deleteTriggerKey: bind(ROUTES.deleteTriggerKey, async ({ actor, control, header, params }) => {
    const { version } = await getKey(control, actor, params.key);
    const named = readIfMatch(header("if-match"), `trigger key "${params.key}"`, version);
    await control.triggerKeys.remove(actor, params.key, named);
    return undefined;
  }),
};
