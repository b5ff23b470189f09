import { monitorEventLoopDelay } from "node:perf_hooks";
import { setTimeout as pause } from "node:timers/promises";
import type { Store } from "@airfleet/store";
import { percentile } from "../measure.ts";
import { type Filling, subjectAt } from "./fill-store.ts";

/** A store under measurement. */
export interface FilledStore {
  readonly store: Store;
  readonly filling: Filling;
}

/** p95 of each list in milliseconds, one per store, and for how long this thread was held up at most in 99 of 100 turns. */
export interface PageTimes {
  readonly p95: ReadonlyMap<string, readonly number[]>;
  readonly heldUpMs: number;
}

const PAGE = 50;
const STALE_BEFORE = 1_700_000_000_000 + 86_400_000;

/** Spread over all subjects, the same in each round. */
const pick = (index: number, count: number): number => 1 + ((index * 48_271) % count);

const QUERIES: Readonly<Record<string, (store: Store, filling: Filling, index: number) => Promise<number>>> = {
  "page of a subject with 10 runs": async (store, filling, index) => {
    const ref = subjectAt(pick(index, filling.ordinary), filling);
    const subject = await store.subjects.find(ref);
    const { items } = await store.subjects.runs(ref, { limit: PAGE });
    return subject === undefined ? 0 : items.length;
  },
  "page of a subject with 5,000 runs": async (store, filling, index) => {
    const ref = subjectAt(filling.ordinary + pick(index, filling.busy), filling);
    const subject = await store.subjects.find(ref);
    const { items } = await store.subjects.runs(ref, { limit: PAGE });
    return subject === undefined ? 0 : items.length;
  },
  "list of subjects": async (store) => (await store.subjects.list({ type: "aid", limit: PAGE })).items.length,
  "list of failed subjects": async (store) =>
    (await store.subjects.list({ states: ["failed"], limit: PAGE })).items.length,
  "list of subjects without success for long": async (store) =>
    (await store.subjects.list({ type: "aid", noSuccessSince: STALE_BEFORE, limit: PAGE })).items.length + 1,
  "search for subjects": async (store, filling, index) =>
    // A page of a search looks through 10,000 subjects and may find nothing.
    (await store.subjects.list({ text: `item number ${pick(index, 900)}`, limit: PAGE })).items.length + 1,
  "list of runs by conf": async (store, filling, index) =>
    (await store.runs.list({ conf: { collection_id: String(pick(index, filling.ordinary) - 1) }, limit: PAGE })).items
      .length,
  "list of failed runs of an instance": async (store) =>
    (await store.runs.list({ instances: ["sim-3"], states: ["failed"], limit: PAGE })).items.length,
};

/** Not measured: connections are opened, plans made, the first pages read. */
const WARM_UP = 10;

/** Asks the stores in turn, query by query, so that what disturbs one disturbs all. */
export const timePages = async (stores: readonly FilledStore[], requests: number): Promise<PageTimes> => {
  const times = new Map(Object.keys(QUERIES).map((name) => [name, stores.map((): number[] => [])]));
  const delay = monitorEventLoopDelay({ resolution: 1 });
  delay.enable();
  for (let index = 0; index < requests + WARM_UP; index += 1) {
    for (const [name, ask] of Object.entries(QUERIES)) {
      for (const [place, { store, filling }] of stores.entries()) {
        const started = performance.now();
        const found = await ask(store, filling, index);
        const took = performance.now() - started;
        if (found === 0) throw new Error(`the ${name} found nothing`);
        if (index >= WARM_UP) times.get(name)?.[place]?.push(took);
      }
    }
    // As a server: timers and sockets have their turn between two requests.
    await pause(1);
  }
  delay.disable();
  return {
    p95: new Map([...times].map(([name, each]) => [name, each.map((samples) => percentile(samples, 0.95))])),
    heldUpMs: delay.percentile(99) / 1e6,
  };
};

/** As control's reconciler: 500 runs looked at, what nobody needs dropped, a breath. */
const BATCH = 500;
const BREATH_MS = 50;

/** Sweeps until told to stop. @returns How many runs were dropped. */
export const sweepUntil = async (store: Store, signal: AbortSignal): Promise<number> => {
  let removed = 0;
  for (let after: string | null = null; !signal.aborted; ) {
    const page = await store.retention.candidates({
      policies: [{ id: "bench", rule: { keep: "last_n", n: 8 } }],
      now: Date.now(),
      batch: BATCH,
      ...(after !== null && { after }),
    });
    removed += await store.runs.remove(
      page.items.map(({ key }) => key),
      "retention",
    );
    after = page.next;
    await pause(BREATH_MS);
  }
  return removed;
};
