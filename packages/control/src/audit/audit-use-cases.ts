import type { Store } from "@airfleet/store";
import type { Actor } from "../actor.ts";
import type { AuditUseCases } from "../control.ts";

/** Attempts of one kind that are noted within one window. */
const DENIALS_PER_WINDOW = 20;
const WINDOW_MS = 60_000;

interface AuditPorts {
  readonly store: Store;
  readonly now: () => number;
  readonly onWritten: () => void;
}

/** Counts per actor and verb, so that a client which hammers at a closed door does not fill the trail. */
const createDenialLimit = (now: () => number): ((actor: Actor, verb: string) => boolean) => {
  let windowEnds = 0;
  let counts = new Map<string, number>();
  return ({ id, sourceIp }, verb) => {
    if (now() >= windowEnds) {
      windowEnds = now() + WINDOW_MS;
      counts = new Map();
    }
    const key = JSON.stringify([id, sourceIp, verb]);
    const count = (counts.get(key) ?? 0) + 1;
    counts.set(key, count);
    return count <= DENIALS_PER_WINDOW;
  };
};

export const createAuditUseCases = ({ store, now, onWritten }: AuditPorts): AuditUseCases => {
  const mayNote = createDenialLimit(now);
  return {
    async list(filter) {
      const { items, next } = await store.audit.list(filter);
      return { items, next, total: null };
    },
    verify: () => store.audit.verify(),
    async denied(actor, verb, resource) {
      if (!mayNote(actor, verb)) return;
      const { id, sourceIp, requestId } = actor;
      await store.audit.append({ actor: id, verb, outcome: "denied", details: { resource }, sourceIp, requestId });
      onWritten();
    },
  };
};
