import { generateKeyPairSync } from "node:crypto";
import { setTimeout as pause } from "node:timers/promises";
import { createSimulator, type SimulatedInstance } from "@airfleet/simulator";
import { describe, expect, it } from "vitest";
import { backends } from "../../../store/test/backends.ts";
import { soakCount } from "../../../store/test/soak-count.ts";
import { createMortalServer, type MortalServer } from "./mortal-server.ts";
import { createReporter, type SentReport, toSignedPost } from "./reporting-airflow.ts";

/** Deliveries that are tried: each report up to three times. */
const REPORTS = soakCount(10_000);
const DROPPED = 0.05;
/** Reports overtake each other by as much as this. */
const LATEST_MS = 1_500;
const KILL_EVERY_MS = 3_000;
/** On a quick machine the reports are sent before the server was killed that often; then more are. */
const LEAST_KILLS = soakCount(30);
/** Every so many runs that ended is cleared, and runs a second time. */
const CLEAR_EVERY = 8;
const SETTLE_WITHIN_MS = 180_000;

const DAGS = ["good", "bad"];

const attempt = async (url: string, init?: RequestInit): Promise<{ status: number; body: never } | undefined> => {
  try {
    const answer = await fetch(url, { ...init, signal: AbortSignal.timeout(20_000) });
    return { status: answer.status, body: (await answer.json()) as never };
  } catch {
    return undefined;
  }
};

const must = async (url: string, init?: RequestInit): Promise<Record<string, unknown>> => {
  const answer = await attempt(url, init);
  if (answer === undefined || answer.status >= 300) throw new Error(`${url}: ${JSON.stringify(answer)}`);
  return answer.body;
};

const json = (method: string, body: unknown, headers: Record<string, string> = {}): RequestInit => ({
  method,
  headers: { "content-type": "application/json", ...headers },
  body: JSON.stringify(body),
});

/** Calls the engine itself, as somebody does who knows nothing of us. */
const openEngine = async ({ url, generation, credentials }: SimulatedInstance) => {
  const { username, password } = credentials;
  const token = async () =>
    `Bearer ${String((await must(`${url}/auth/token`, json("POST", { username, password })))["access_token"])}`;
  const authorization = generation === 2 ? `Basic ${btoa(`${username}:${password}`)}` : await token();
  const runs = (dag: string) => `${url}/api/${generation === 2 ? "v1" : "v2"}/dags/${dag}/dagRuns`;
  return {
    start: (dag: string, runId: string) => {
      const date = generation === 3 ? { logical_date: null } : {};
      return must(runs(dag), json("POST", { dag_run_id: runId, ...date }, { authorization }));
    },
    clear: (dag: string, runId: string) =>
      must(`${runs(dag)}/${runId}/clear`, json("POST", { dry_run: false }, { authorization })),
  };
};

/** Sends a report so often, late, and again until it is answered that it is there. */
const createDelivery = (server: MortalServer, key: Parameters<typeof toSignedPost>[1]) => {
  const under = new Set<Promise<void>>();
  const counts = { sent: 0, dropped: 0, accepted: 0, duplicate: 0, unanswered: 0, overtaken: 0 };
  const acknowledged = new Set<string>();
  let number = 0;
  let newest = 0;

  const deliver = async (instance: string, report: SentReport, order: number): Promise<void> => {
    await pause(Math.random() * LATEST_MS);
    for (;;) {
      const answer = await attempt(`${server.url}/api/v1/reports`, toSignedPost(instance, key, [report]));
      if (answer?.status === 202) {
        const [item] = (answer.body as { items: { outcome: "accepted" | "duplicate" | "rejected" }[] }).items;
        if (item === undefined || item.outcome === "rejected") throw new Error(JSON.stringify(answer.body));
        counts[item.outcome] += 1;
        acknowledged.add(`${instance}/${report.event_id}`);
        if (order < newest) counts.overtaken += 1;
        newest = Math.max(newest, order);
        return;
      }
      if (answer !== undefined && answer.status < 500) throw new Error(JSON.stringify(answer));
      counts.unanswered += 1;
      await pause(50);
    }
  };

  return {
    counts,
    acknowledged,
    send(instance: string, reports: readonly SentReport[]): void {
      for (const report of reports) {
        number += 1;
        counts.sent += 1;
        if (Math.random() < DROPPED) {
          counts.dropped += 1;
          continue;
        }
        for (let again = 0; again < 3; again += 1) {
          const work = deliver(instance, report, number);
          under.add(work);
          void work.finally(() => under.delete(work)).catch(() => undefined);
        }
      }
    },
    /** @throws what went wrong on the way */
    ended: () => Promise.all(under),
    under: () => under.size,
  };
};

interface Seen {
  readonly instance: string;
  readonly dag_id: string;
  readonly dag_run_id: string;
  readonly state: string;
}

const statesOf = async (server: MortalServer): Promise<ReadonlyMap<string, string>> => {
  const states = new Map<string, string>();
  for (let cursor: string | null = ""; cursor !== null; ) {
    const from: string = cursor === "" ? "" : `&cursor=${encodeURIComponent(cursor)}`;
    const page = (await must(`${server.url}/api/v1/runs?limit=500${from}`)) as never as {
      items: Seen[];
      next_cursor: string | null;
    };
    for (const run of page.items) states.set(`${run.instance} ${run.dag_id} ${run.dag_run_id}`, run.state);
    cursor = page.next_cursor;
  }
  return states;
};

const engineStates = (airflows: readonly SimulatedInstance[]): ReadonlyMap<string, string> =>
  new Map(
    airflows.flatMap(({ id, world }) =>
      world.runs.map((run) => [`${id} ${run.dag.dagId} ${run.runId}`, run.state] as const),
    ),
  );

const isOver = (states: ReadonlyMap<string, string>): boolean =>
  [...states.values()].every((state) => state === "success" || state === "failed");

const byName = (states: ReadonlyMap<string, string>): object => Object.fromEntries(states);

describe("reports that come out of order, three times, or not at all, to a server that is killed every few seconds", () => {
  it.each(backends)(
    `leave every run as its engine has it, and each report is kept once: ${REPORTS} reports on $name`,
    async (backend) => {
      await using simulator = createSimulator({ timeScale: 5 });
      const work = { taskId: "work", downstream: ["load"] };
      const dags = [
        { dagId: "good", tasks: [work, { taskId: "load" }] },
        { dagId: "bad", tasks: [work, { taskId: "load", failTries: 1 }] },
      ];
      const airflows = [
        await simulator.addInstance({ id: "two", generation: 2, dags }),
        await simulator.addInstance({ id: "three", generation: 3, dags }),
      ];
      await using place = await backend.freshPlace();
      await using server = await createMortalServer(
        place,
        airflows.map(({ id, url, credentials }) => ({ id, url, ...credentials })),
      );
      await server.start();
      const pair = generateKeyPairSync("ed25519");
      const publicKey = pair.publicKey.export({ type: "spki", format: "pem" });
      const source = { keys: [{ type: "public", key_id: "k1", algorithm: "EdDSA", public_key: publicKey }] };
      for (const { id } of airflows) await must(`${server.url}/api/v1/report-sources/${id}`, json("PUT", source));

      const delivery = createDelivery(server, pair.privateKey);
      const stop = new AbortController();
      let started = 0;
      let cleared = 0;
      let kills = 0;

      /** Starts runs, clears some that ended, and reports what it sees of them. */
      const live = async (airflow: SimulatedInstance): Promise<void> => {
        const engine = await openEngine(airflow);
        const reporter = createReporter(airflow);
        const rerun = new Set<string>();
        while (!stop.signal.aborted || airflow.world.open.size > 0 || delivery.under() > 0) {
          const dag = DAGS[started % DAGS.length] ?? "good";
          if (!stop.signal.aborted && airflow.world.open.size < 12) {
            started += 1;
            await engine.start(dag, `run_${started}`);
          }
          for (const run of airflow.world.runs.filter((_, index) => index % CLEAR_EVERY === 0)) {
            const name = `${run.dag.dagId} ${run.runId}`;
            if (stop.signal.aborted || rerun.has(name) || !["success", "failed"].includes(run.state)) continue;
            rerun.add(name);
            await engine.clear(run.dag.dagId, run.runId);
            cleared += 1;
          }
          delivery.send(airflow.id, reporter.look());
          await pause(40);
        }
      };
      const kill = async (): Promise<void> => {
        while (!stop.signal.aborted) {
          await pause(KILL_EVERY_MS * (0.5 + Math.random()));
          // One that comes when nothing is on its way proves nothing.
          if (delivery.under() > 0) kills += 1;
          await server.kill();
          await server.start();
        }
      };
      const busy = Promise.all([...airflows.map(live), kill()]);
      busy.catch(() => stop.abort());
      const isEnough = (): boolean => delivery.counts.sent >= REPORTS && kills >= LEAST_KILLS;
      while (!isEnough() && !stop.signal.aborted) await pause(50);
      stop.abort();
      await busy;
      await delivery.ended();

      const { counts, acknowledged } = delivery;
      expect(kills).toBeGreaterThanOrEqual(LEAST_KILLS);
      expect(cleared).toBeGreaterThan(0);
      expect(counts.sent).toBeGreaterThanOrEqual(REPORTS);
      const faults = ["dropped", "duplicate", "unanswered", "overtaken"] as const;
      expect(faults.filter((fault) => counts[fault] === 0)).toEqual([]);

      const until = Date.now() + SETTLE_WITHIN_MS;
      const isSettled = async (): Promise<boolean> => {
        const engine = engineStates(airflows);
        const ours = await statesOf(server);
        return isOver(engine) && [...engine].every(([run, state]) => ours.get(run) === state);
      };
      while (!(await isSettled()) && Date.now() < until) await pause(500);
      expect(byName(await statesOf(server))).toEqual(byName(engineStates(airflows)));

      const kept = await place.sql("select message_id, count(*) as times from reports group by message_id");
      expect(kept.filter(({ times }) => Number(times) !== 1)).toEqual([]);
      expect(new Set(kept.map((row) => String(row["message_id"])))).toEqual(acknowledged);
      expect(acknowledged.size).toBe(counts.sent - counts.dropped);
      // What a server that died had taken is told by the next one after a while, though it changes nothing any more.
      const waiting = (): Promise<readonly unknown[]> => place.sql("select report_id from waiting_reports");
      while ((await waiting()).length > 0 && Date.now() < until) await pause(500);
      expect(await waiting()).toEqual([]);
    },
    REPORTS * 600 + 600_000,
  );
});
