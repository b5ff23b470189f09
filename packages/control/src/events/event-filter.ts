import type { RunKey, StateWords } from "@airfleet/model";
import { runKeyOf, type StoredEvent } from "@airfleet/store";
import { toDagId, toInstanceId, toRunId } from "@airfleet/model";
import { isInScope } from "../access/instance-scope.ts";
import type { Actor } from "../actor.ts";

/** Which events somebody wants; absent fields do not restrict, several have all to hold. */
export interface EventFilter {
  /** Kinds, or beginnings of them as `run.*`. */
  readonly kinds?: readonly string[];
  readonly instances?: readonly string[];
  readonly dagIds?: readonly string[];
  readonly run?: RunKey;
  readonly subject?: { readonly type: string; readonly id?: string };
}

/** What a listener gets to see, and in which words. */
export interface EventSelection {
  readonly filter: EventFilter;
  /** Globs of the instances that the listener may know of. */
  readonly scope: Actor["instances"];
  /** Null leaves our own words. */
  readonly words: StateWords | null;
}

/** Two selections of the same text see the same events in the same words. */
export const signatureOf = ({ filter, scope, words }: EventSelection): string => JSON.stringify([filter, scope, words]);

const isOfKind = (kind: string, wanted: string): boolean =>
  wanted.endsWith(".*") ? kind.startsWith(wanted.slice(0, -1)) : kind === wanted;

interface Named {
  readonly type?: unknown;
  readonly id?: unknown;
}

const asNamed = (value: unknown): Named => (typeof value === "object" && value !== null ? value : {});

/** The run that an event is about: our id of it, as far as it is about one. */
export const runOf = ({ kind, instance, dagId, runId, payload }: StoredEvent): unknown => {
  if (kind.startsWith("run.")) return payload["id"];
  if (instance === null || dagId === null || runId === null) return undefined;
  return runKeyOf({ instance: toInstanceId(instance), dagId: toDagId(dagId), runId: toRunId(runId) });
};

/** What an event says of its subjects: those it names, and whether there are more than it names. */
const subjectsOf = ({ kind, payload }: StoredEvent): { readonly named: readonly Named[]; readonly more: boolean } => {
  // One about all subjects of a bulk run names none of them.
  if (kind.startsWith("subject.") && "type" in payload) return { named: [asNamed(payload)], more: false };
  const listed: unknown = payload["subjects"];
  const named = Array.isArray(listed) ? listed.map(asNamed) : [];
  return { named, more: Number(payload["subjects_total"] ?? 0) > named.length };
};

/**
 * Whether an event is for a listener. `ask`: it names some of its subjects only, and the wanted one is not among them,
 * so that the store has to say.
 */
export const matchEvent = (event: StoredEvent, { filter, scope }: EventSelection): boolean | "ask" => {
  const { kinds, instances, dagIds, run, subject } = filter;
  // What is of no instance may speak of all of them: for those only who may see all.
  if (event.instance === null ? !scope.includes("*") : !isInScope({ instances: scope }, event.instance)) return false;
  if (kinds !== undefined && !kinds.some((kind) => isOfKind(event.kind, kind))) return false;
  if (instances !== undefined && (event.instance === null || !instances.includes(event.instance))) return false;
  if (dagIds !== undefined && (event.dagId === null || !dagIds.includes(event.dagId))) return false;
  if (run !== undefined && runOf(event) !== run) return false;
  if (subject === undefined) return true;
  const { named, more } = subjectsOf(event);
  const isMeant = ({ type, id }: Named): boolean =>
    type === subject.type && (subject.id === undefined || id === subject.id);
  if (named.some(isMeant)) return true;
  return more && subject.id !== undefined && typeof runOf(event) === "string" ? "ask" : false;
};
