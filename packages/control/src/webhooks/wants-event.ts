import { matchesGlob } from "@airfleet/model";
import type { StoredEvent } from "@airfleet/store";
import { isInScope } from "../access/instance-scope.ts";
import type { WebhookBody } from "./webhook.ts";

const typesOf = ({ kind, payload }: StoredEvent): readonly unknown[] => {
  if (kind === "subject.changed") return [payload["type"]];
  const { subjects } = payload;
  if (!Array.isArray(subjects)) return [];
  return subjects.map((one: unknown) => (typeof one === "object" && one !== null && "type" in one ? one.type : null));
};

/** Whether a receiver is to be told of an event. */
export const wantsEvent = (body: WebhookBody, event: StoredEvent): boolean => {
  const { events, instances, dag_ids: dagIds, subject_types: types, states } = body;
  if (!(events as readonly string[]).includes(event.kind)) return false;
  // What is of no instance in particular may tell of all of them.
  if (event.instance === null ? !instances.includes("*") : !isInScope({ instances }, event.instance)) return false;
  const { dagId } = event;
  if (dagIds.length > 0 && (dagId === null || !dagIds.some((glob) => matchesGlob(glob, dagId)))) return false;
  if (types.length > 0 && !typesOf(event).some((type) => types.includes(String(type)))) return false;
  return states.length === 0 || (states as readonly unknown[]).includes(event.payload["state"]);
};
