import { setTimeout as delay } from "node:timers/promises";
import { type ServedAirfleet, serveAirfleet } from "./airfleet.ts";
import { waitUntilSwept } from "./fanout/wait-until-swept.ts";
import { cpuMs, median, percentile, round } from "./measure.ts";
import type { Bench, BenchRow } from "./result.ts";
import {
  type BarePost,
  type BenchInstance,
  type BenchInstances,
  openBarePost,
  startInstances,
} from "./trigger/instances.ts";
import { postgresRoom, SQLITE_ROOM, type StoreRoom } from "./trigger/store-room.ts";

/** What a real web server takes for a trigger, at least. */
const LATENCY_MS = 80;
/** Calls that our client makes at once, by generation; the baseline gets as many. */
const PLACES = { 2: 4, 3: 8 } as const;
/** The first triggers warm both up. */
const WARM_UP = 10;

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

const serveOn = async (room: StoreRoom, port: number, instances: BenchInstances): Promise<ServedAirfleet> => {
  const airfleet = await serveAirfleet({
    port,
    configuration: { server: { log_level: "warn" }, instances: instances.configuration, ...room.configuration },
    env: room.env,
  });
  await waitUntilSwept(airfleet.url);
  return airfleet;
};

/** One trigger after the other, on each store and bare by turns, on an instance that answers at once. */
const overhead = async (rooms: readonly StoreRoom[], port: number, count: number): Promise<readonly BenchRow[]> => {
  await using instances = await startInstances(2, 0);
  await using servers = new AsyncDisposableStack();
  const served: { readonly room: StoreRoom; readonly airfleet: ServedAirfleet }[] = [];
  for (const [index, room] of rooms.entries()) {
    served.push({ room, airfleet: servers.use(await serveOn(room, port + index, instances)) });
  }
  const rows: BenchRow[] = [];
  for (const instance of instances.list) {
    const post = await openBarePost(instance);
    const bare: number[] = [];
    const ours = new Map<StoreRoom, number[]>(rooms.map((room) => [room, []]));
    for (let index = 0; index < count + WARM_UP; index += 1) {
      const body = { instances: [instance.id], dag_id: "orders", conf: { n: 1 } };
      const isWarm = index >= WARM_UP;
      for (const { room, airfleet } of served) {
        const took = await timed(async () => {
          if (!isAccepted(await ask(airfleet.url, "/api/v1/triggers", body, "wait=20")))
            throw new Error("not accepted");
        });
        if (isWarm) ours.get(room)?.push(took);
      }
      const took = await timed(() => post(`bare_${index}`));
      if (isWarm) bare.push(took);
    }
    for (const [{ name }, own] of ours) {
      const more = median(own) - median(bare);
      rows.push({
        what: `${name}, one trigger on Airflow ${instance.generation}, recorded, sent and accepted: p50 over a bare POST`,
        ours: `${round(median(own))} ms (p95 ${round(percentile(own, 0.95))})`,
        baseline: `${round(median(bare))} ms (p95 ${round(percentile(bare, 0.95))})`,
        ratio: more / 10,
        target: "≤ 10 ms more",
        reached: more <= 10,
      });
    }
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
const drain = async (room: StoreRoom, port: number, each: number): Promise<BenchRow> => {
  const count = 10;
  await using instances = await startInstances(count, LATENCY_MS);
  await using airfleet = await serveOn(room, port, instances);
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
  const cpuBefore = cpuMs(airfleet.pid);
  let recordedMs = 0;
  const ours = await timed(async () => {
    const startedAt = performance.now();
    const said = await ask(airfleet.url, "/api/v1/triggers/batch", { items });
    recordedMs = performance.now() - startedAt;
    await untilDrained(airfleet.url, (said as { request_id: string }).request_id);
  });
  const eachMs = (cpuMs(airfleet.pid) - cpuBefore) / (each * count);
  const ratio = ours / theirs;
  return {
    what: `${room.name}, ${each * count} triggers to ${count} instances that take ${LATENCY_MS} ms for each, recorded and all accepted`,
    ours: `${round(ours / 1_000, 2)} s (answered after ${round(recordedMs / 1_000, 2)} s, ${round(eachMs)} ms of CPU each)`,
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
  run: async ({ quick }) => {
    await using postgres = await postgresRoom();
    const rooms = [SQLITE_ROOM, postgres];
    const rows = [...(await overhead(rooms, 26_801, quick ? 60 : 300))];
    for (const [index, room] of rooms.entries()) rows.push(await drain(room, 26_811 + index, quick ? 40 : 100));
    return rows;
  },
};
