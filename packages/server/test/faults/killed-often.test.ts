import { setTimeout as pause } from "node:timers/promises";
import { createSimulator, type SimulatedInstance } from "@airfleet/simulator";
import { describe, expect, it } from "vitest";
import { backends } from "../../../store/test/backends.ts";
import { createMortalServer, type MortalServer } from "./mortal-server.ts";
import { soakCount } from "../../../store/test/soak-count.ts";

const KILLS = soakCount(200);
/** Requests that a client has in flight all the time. */
const CLIENTS = 4;
const DAGS = 4;
const SETTLE_WITHIN_MS = 120_000;

interface TriggerItem {
  readonly id: string;
  readonly instance: string;
  readonly dag_run_id: string;
  readonly state: string;
}

/** An answer, or nothing when the server was not there or died on the way. */
const attempt = async (
  server: MortalServer,
  path: string,
  init?: RequestInit,
): Promise<{ readonly status: number; readonly body: never } | undefined> => {
  try {
    const answer = await fetch(`${server.url}${path}`, { ...init, signal: AbortSignal.timeout(20_000) });
    return { status: answer.status, body: (await answer.json()) as never };
  } catch {
    return undefined;
  }
};

/** Asks until the server says yes, always with the same key: what a careful client does. */
const triggerOnce = async (server: MortalServer, n: number): Promise<readonly TriggerItem[]> => {
  for (;;) {
    const answer = await attempt(server, "/api/v1/triggers", {
      method: "POST",
      headers: { "content-type": "application/json", "idempotency-key": `order-${n}` },
      body: JSON.stringify({
        instances: ["two", "three"],
        dag_id: `dag_${n % DAGS}`,
        conf: { n },
        subjects: [{ type: "order", id: String(n) }],
      }),
    });
    if (answer !== undefined && answer.status < 300) return (answer.body as { items: TriggerItem[] }).items;
    if (answer !== undefined && answer.status !== 409 && answer.status < 500) {
      throw new Error(`a trigger was refused: ${JSON.stringify(answer.body)}`);
    }
    await pause(20);
  }
};

/** A run that somebody starts behind our back. */
const startForeignRun = async (airflow: SimulatedInstance, n: number): Promise<void> => {
  const { username, password } = airflow.credentials;
  const version = airflow.generation === 2 ? "v1" : "v2";
  const login =
    airflow.generation === 2
      ? `Basic ${btoa(`${username}:${password}`)}`
      : `Bearer ${
          (
            (await (
              await fetch(`${airflow.url}/auth/token`, {
                method: "POST",
                headers: { "content-type": "application/json" },
                body: JSON.stringify({ username, password }),
              })
            ).json()) as { access_token: string }
          ).access_token
        }`;
  const answer = await fetch(`${airflow.url}/api/${version}/dags/dag_${n % DAGS}/dagRuns`, {
    method: "POST",
    headers: { "content-type": "application/json", authorization: login },
    body: JSON.stringify({
      dag_run_id: `foreign_${n}`,
      conf: { foreign: n },
      ...(airflow.generation === 3 ? { logical_date: null } : {}),
    }),
  });
  expect(answer.ok).toBe(true);
};

const allItems = async (server: MortalServer, path: string): Promise<readonly Record<string, unknown>[]> => {
  const items: Record<string, unknown>[] = [];
  for (let cursor: string | null = ""; cursor !== null; ) {
    const separator = path.includes("?") ? "&" : "?";
    const page = await attempt(
      server,
      `${path}${separator}limit=500${cursor === "" ? "" : `&cursor=${encodeURIComponent(cursor)}`}`,
    );
    if (page === undefined || page.status !== 200) throw new Error(`${path} was not answered: ${JSON.stringify(page)}`);
    const { items: rows, next_cursor } = page.body as { items: Record<string, unknown>[]; next_cursor: string | null };
    items.push(...rows);
    cursor = next_cursor;
  }
  return items;
};

describe("a server that is killed again and again, over trigger and poll work", () => {
  it.each(backends)(
    `loses no run and makes none twice: ${KILLS} kills on $name`,
    async (backend) => {
      await using simulator = createSimulator({ timeScale: 20 });
      const dags = Array.from({ length: DAGS }, (_, n) => ({ dagId: `dag_${n}`, tasks: [{ taskId: "work" }] }));
      const two = await simulator.addInstance({ id: "two", generation: 2, dags });
      const three = await simulator.addInstance({ id: "three", generation: 3, dags });
      await using place = await backend.freshPlace();
      await using server = await createMortalServer(
        place,
        [two, three].map(({ id, url, credentials }) => ({ id, url, ...credentials })),
      );
      await server.start();

      const stop = new AbortController();
      let n = 0;
      let foreign = 0;
      const acknowledged = new Map<number, readonly TriggerItem[]>();
      const client = async (): Promise<void> => {
        while (!stop.signal.aborted) {
          const mine = n;
          n += 1;
          acknowledged.set(mine, await triggerOnce(server, mine));
          if (mine % 10 === 0) {
            await startForeignRun(mine % 20 === 0 ? two : three, mine);
            foreign += 1;
          }
          // Neither server is to be busy all the time: what is killed should be at work of every kind.
          await pause(40);
        }
      };
      const clients = Array.from({ length: CLIENTS }, client);
      let kills = 0;
      for (; kills < KILLS; kills += 1) {
        await pause(50 + Math.random() * 700);
        await server.kill();
        await server.start();
      }
      stop.abort();
      await Promise.all(clients);
      expect(kills).toBe(KILLS);

      const until = Date.now() + SETTLE_WITHIN_MS;
      const expected = 2 * acknowledged.size + foreign;
      let runs = await allItems(server, "/api/v1/runs");
      while (runs.length < expected && Date.now() < until) {
        await pause(1_000);
        runs = await allItems(server, "/api/v1/runs");
      }
      const triggers = await allItems(server, "/api/v1/triggers");
      expect(triggers.filter(({ state }) => state !== "accepted")).toEqual([]);
      expect(triggers).toHaveLength(2 * acknowledged.size);
      expect(new Set(runs.map(({ id }) => id)).size).toBe(expected);
      expect(runs).toHaveLength(expected);

      for (const airflow of [two, three]) {
        const made = [...airflow.world.dags.values()].flatMap((dag) => [...dag.runs.values()]);
        const ours = made.filter(({ conf }) => "n" in conf).map(({ conf }) => Number(conf["n"]));
        expect(ours.toSorted((left, right) => left - right)).toEqual(
          [...acknowledged.keys()].toSorted((left, right) => left - right),
        );
      }
      const audit = await attempt(server, "/api/v1/audit/verify", { method: "POST" });
      expect(audit?.body).toMatchObject({ ok: true });
    },
    KILLS * 6_000 + 240_000,
  );
});
