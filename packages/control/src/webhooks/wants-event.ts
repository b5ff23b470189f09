import { matchesGlob } from "@airfleet/model";
import type { StoredEvent } from "@airfleet/store";
import { isInScope } from "../access/instance-scope.ts";
import type { WebhookBody } from "./webhook.ts";

const typeOf = (subject: unknown): unknown =>
  typeof subject === "object" && subject !== null && "type" in subject ? subject.type : undefined;

/** Whether it is about a subject of these types, or may be: an event names only the first of its subjects. */
const isAboutType = ({ kind, payload }: StoredEvent, types: readonly string[]): boolean => {
  if (kind === "subject.changed" && "type" in payload) return types.includes(String(payload["type"]));
  const named = Array.isArray(payload["subjects"]) ? payload["subjects"].map(typeOf) : [];
  if (named.some((type) => types.includes(String(type)))) return true;
  return Number(payload["subjects_total"] ?? 0) > named.length;
};

/** Whether a receiver is to be told of an event. */
export const wantsEvent = (body: WebhookBody, event: StoredEvent): boolean => {
  const { events, instances, dag_ids: dagIds, subject_types: types, states } = body;
  if (!(events as readonly string[]).includes(event.kind)) return false;
  // What is of no instance in particular may tell of all of them.
  if (event.instance === null ? !instances.includes("*") : !isInScope({ instances }, event.instance)) return false;
  const { dagId } = event;
  if (dagIds.length > 0 && (dagId === null || !dagIds.some((glob) => matchesGlob(glob, dagId)))) return false;
  if (types.length > 0 && !isAboutType(event, types)) return false;
  return states.length === 0 || (states as readonly unknown[]).includes(event.payload["state"]);
};
