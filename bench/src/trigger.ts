import { setTimeout as delay } from "node:timers/promises";
import { serveAirfleet } from "./airfleet.ts";
import { waitUntilSwept } from "./fanout/wait-until-swept.ts";
import { median, percentile, round } from "./measure.ts";
import type { Bench, BenchRow } from "./result.ts";
import { type BarePost, type BenchInstance, openBarePost, startInstances } from "./trigger/instances.ts";

/** What a real web server takes for a trigger, at least. */
const LATENCY_MS = 80;
/** Calls that our client makes at once, by generation; the baseline gets as many. */
const PLACES = { 2: 4, 3: 8 } as const;

const timed = async (work: () => Promise<unknown>): Promise<number> => {
  const startedAt = performance.now();
  await work();
  return performance.now() - startedAt;
};

const ask = async (url: string, path: string, body: unknown, prefer?: string): Promise<unknown> => {
  const answer = await fetch(`${url}${path}`, {
    method: "POST",
    headers: { "content-type": "application/json", ...(prefer === undefined ? {} : { prefer }) },
    body: JSON.stringify(body),
  });
  const said: unknown = await answer.json();
  if (answer.status >= 300) throw new Error(`${path} answered ${answer.status}: ${JSON.stringify(said)}`);
  return said;
};

const isAccepted = (said: unknown): boolean =>
  (said as { items: readonly { state: string }[] }).items.every(({ state }) => state === "accepted");

/** One trigger after the other, ours and bare by turns, on an instance that answers at once. */
const overhead = async (port: number, count: number): Promise<readonly BenchRow[]> => {
  await using instances = await startInstances(2, 0);
  await using airfleet = await serveAirfleet({
    port,
    configuration: { server: { log_level: "warn" }, instances: instances.configuration },
  });
  await waitUntilSwept(airfleet.url);
  const rows: BenchRow[] = [];
  for (const instance of instances.list) {
    const post = await openBarePost(instance);
    const ours: number[] = [];
    const bare: number[] = [];
    for (let index = 0; index < count + 10; index += 1) {
      const body = { instances: [instance.id], dag_id: "orders", conf: { n: 1 } };
      const own = await timed(async () => {
        if (!isAccepted(await ask(airfleet.url, "/api/v1/triggers", body, "wait=20"))) throw new Error("not accepted");
      });
      const theirs = await timed(() => post(`bare_${index}`));
      // The first ones warm both up.
      if (index >= 10) {
        ours.push(own);
        bare.push(theirs);
      }
    }
    const more = median(ours) - median(bare);
    rows.push({
      what: `one trigger on Airflow ${instance.generation}, recorded, sent and accepted: p50 over a bare POST`,
      ours: `${round(median(ours))} ms (p95 ${round(percentile(ours, 0.95))})`,
      baseline: `${round(median(bare))} ms (p95 ${round(percentile(bare, 0.95))})`,
      ratio: more / 10,
      target: "≤ 10 ms more",
      reached: more <= 10,
    });
  }
  return rows;
};

const postAll = async (instance: BenchInstance, post: BarePost, count: number): Promise<void> => {
  let next = 0;
  const worker = async (): Promise<void> => {
    while (next < count) await post(`bare_${next++}`);
  };
  await Promise.all(Array.from({ length: PLACES[instance.generation] }, worker));
};

/** Until every trigger of the request is accepted. */
const untilDrained = async (url: string, requestId: string): Promise<void> => {
  for (;;) {
    const open = await fetch(`${url}/api/v1/triggers?request_id=${requestId}&state=pending,sending&limit=1`);
    if (((await open.json()) as { items: readonly unknown[] }).items.length === 0) return;
    await delay(50);
  }
};

/** Many triggers at once over ten instances, beside posting to each directly with the same number of calls at once. */
const drain = async (port: number, each: number): Promise<BenchRow> => {
  const count = 10;
  await using instances = await startInstances(count, LATENCY_MS);
  await using airfleet = await serveAirfleet({
    port,
    configuration: { server: { log_level: "warn" }, instances: instances.configuration },
  });
  await waitUntilSwept(airfleet.url);
  const posts = await Promise.all(instances.list.map(openBarePost));
  const theirs = await timed(() =>
    Promise.all(
      instances.list.map((instance, index) => {
        const post = posts[index];
        return post === undefined ? Promise.resolve() : postAll(instance, post, each);
      }),
    ),
  );
  const items = Array.from({ length: each * count }, (_, index) => ({
    instances: [instances.list[index % count]?.id],
    dag_id: "orders",
    conf: { n: 1 },
  }));
  const ours = await timed(async () => {
    const said = await ask(airfleet.url, "/api/v1/triggers/batch", { items });
    await untilDrained(airfleet.url, (said as { request_id: string }).request_id);
  });
  const ratio = ours / theirs;
  return {
    what: `${each * count} triggers to ${count} instances that take ${LATENCY_MS} ms for each, recorded and all accepted`,
    ours: `${round(ours / 1_000, 2)} s`,
    baseline: `${round(theirs / 1_000, 2)} s posted directly, as many at once`,
    ratio,
    target: "≤ 1.25",
    reached: ratio <= 1.25,
  };
};

/** G4: what recording a trigger before it is sent costs. */
export const trigger: Bench = {
  name: "trigger",
  claim: "A trigger that is recorded, sent once and kept, beside a bare POST to the instance",
  run: async ({ quick }) => [...(await overhead(26_801, quick ? 60 : 300)), await drain(26_802, quick ? 40 : 100)],
};
