import { randomBytes } from "node:crypto";
import { setTimeout as pause } from "node:timers/promises";
import type { Engine } from "@airfleet/engine";
import { type DagId, type Run, toDagId } from "@airfleet/model";
import { createDatabaseGate, type RunningAirflow } from "@airfleet/tools-engines";
import { afterAll, describe, expect, test } from "vitest";
import { hostOf, takeAirflow } from "../../../airflow/test/conformance/instance-under-trial.ts";
import { backends, type TestBackend } from "../../../store/test/backends.ts";
import { type CuttingProxy, startCuttingProxy } from "./cutting-proxy.ts";
import { createMortalServer, type MortalServer } from "./mortal-server.ts";
import { soakCount } from "../../../store/test/soak-count.ts";

const LOST_ANSWERS = soakCount(200);
const THROUGH_TROUBLE = soakCount(50);
const LONG = 600_000;
/** For so long, times two seconds, a component may notice that its database was away, and end. */
const DYING_LOOKS = 20;
const FINAL = new Set(["accepted", "rejected", "failed", "expired", "cancelled"]);

interface Trigger {
  readonly id: string;
  readonly dag_run_id: string;
  readonly state: string;
}

/** A DAG of this test alone whose runs stay queued: what is counted is who was created, not what became of it. */
interface Ground extends AsyncDisposable {
  readonly airflow: RunningAirflow;
  readonly engine: Engine;
  readonly dagId: DagId;
  runs(): Promise<readonly Run[]>;
}

const airflows = [await takeAirflow(2), await takeAirflow(3)];
afterAll(async () => {
  for (const airflow of airflows) await airflow[Symbol.asyncDispose]();
});

const prepare = async (airflow: RunningAirflow): Promise<Ground> => {
  const host = hostOf(airflow);
  const { files } = host;
  if (files === undefined) throw new Error("this engine has no DAG folder");
  const engine = host.open({});
  const dagId = toDagId(`af_lost_${randomBytes(4).toString("hex")}`);
  await files.write(dagId);
  await expect
    .poll(() => engine.getDag(dagId).catch(() => undefined), { timeout: 120_000, interval: 1_000 })
    .toBeDefined();
  await engine.setPaused(dagId, true);
  return {
    airflow,
    engine,
    dagId,
    runs: async () => {
      const found: Run[] = [];
      for (let after: string | null | undefined; after !== null; ) {
        const page = await engine.listRuns({
          dagId: dagId,
          limit: 100,
          ...(after === undefined ? {} : { after }),
        });
        found.push(...page.items);
        after = page.next;
      }
      return found;
    },
    [Symbol.asyncDispose]: async () => {
      await files.remove(dagId);
      await engine.close();
    },
  };
};

const post = async (server: MortalServer, dagId: string, n: number): Promise<Trigger> => {
  const answer = await fetch(`${server.url}/api/v1/triggers`, {
    method: "POST",
    headers: { "content-type": "application/json", "idempotency-key": `${dagId}-${n}` },
    body: JSON.stringify({ instances: ["airflow"], dag_id: dagId, conf: { n } }),
  });
  const body = (await answer.json()) as { items: readonly Trigger[] };
  expect({ status: answer.status, body }).toMatchObject({ status: 202 });
  const [trigger] = body.items;
  if (trigger === undefined) throw new Error("a trigger without items was answered");
  return trigger;
};

const settled = async (server: MortalServer, id: string, withinMs = 180_000): Promise<Trigger> => {
  const until = Date.now() + withinMs;
  for (;;) {
    const trigger = (await (await fetch(`${server.url}/api/v1/triggers/${id}`)).json()) as Trigger;
    if (FINAL.has(trigger.state) || Date.now() > until) return trigger;
    await pause(200);
  }
};

/**
 * Sends triggers, a few at a time, and waits for each to be accepted; at least this many, and until the trouble is over.
 * @returns how many
 */
const triggerAll = async (
  server: MortalServer,
  ground: Ground,
  { count, width = 4, until = AbortSignal.abort() }: { count: number; width?: number; until?: AbortSignal },
): Promise<number> => {
  let next = 0;
  const worker = async (): Promise<void> => {
    while (next < count || !until.aborted) {
      const n = next;
      next += 1;
      const { id } = await post(server, ground.dagId, n);
      expect(await settled(server, id)).toMatchObject({ state: "accepted" });
    }
  };
  await Promise.all(Array.from({ length: width }, worker));
  return next;
};

/** Does both at once, and waits for both whatever becomes of either. */
const meanwhile = async <T>(work: (until: AbortSignal) => Promise<T>, trouble: () => Promise<void>): Promise<T> => {
  const over = new AbortController();
  const bringAbout = async (): Promise<void> => {
    try {
      await pause(500);
      await trouble();
    } finally {
      over.abort();
    }
  };
  const [done, caused] = await Promise.allSettled([work(over.signal), bringAbout()]);
  if (caused.status === "rejected") throw caused.reason;
  if (done.status === "rejected") throw done.reason;
  return done.value;
};

const expectOneEach = async (ground: Ground, count: number): Promise<void> => {
  const numbers = (await ground.runs()).map(({ conf }) => Number(conf["n"]));
  expect(numbers.toSorted((left, right) => left - right)).toEqual(Array.from({ length: count }, (_, n) => n));
};

/**
 * Airflow's schedulers end when their database does, each after a while of its own; whoever runs them starts them again.
 */
const revive = async ({ airflow, engine }: Ground): Promise<void> => {
  for (let look = 0; look < DYING_LOOKS; look += 1) {
    for (const name of Object.keys(airflow.pids)) await airflow.startComponent(name);
    await pause(2_000);
  }
  await expect
    .poll(async () => (await engine.probe().catch(() => undefined))?.health.healthy, {
      timeout: 120_000,
      interval: 2_000,
    })
    .toBe(true);
};

const serverFor = (
  place: Parameters<typeof createMortalServer>[0],
  { airflow }: Ground,
  proxy?: CuttingProxy,
): Promise<MortalServer> =>
  createMortalServer(
    place,
    [{ id: "airflow", url: proxy?.url ?? airflow.url, username: airflow.username, password: airflow.password }],
    { poll: { enabled: false } },
  );

const backend = (wanted: TestBackend["name"]): TestBackend => backends.find(({ name }) => name === wanted)!;
const sqlite = backend("sqlite");
const postgres = backend("postgres");

/** Both generations at once: most of the time passes while an Airflow comes back. */
const onEach =
  (work: (airflow: RunningAirflow) => Promise<void>): (() => Promise<void>) =>
  async () => {
    await Promise.all(airflows.map(work));
  };

describe("Airflow 2 and 3", () => {
  test(
    `make exactly one run of each trigger, though ${LOST_ANSWERS} answers are lost after they were committed`,
    onEach(async (airflow) => {
      await using ground = await prepare(airflow);
      await using proxy = await startCuttingProxy(airflow.url);
      await using place = await sqlite.freshPlace();
      await using server = await serverFor(place, ground, proxy);
      await server.start();
      // Every second one: an instance that answers nothing at all is left alone for a while, and for longer each time.
      proxy.cutAnswers(/^POST \S+\/dagRuns /, { every: 2 });
      const count = await triggerAll(server, ground, { count: 2 * LOST_ANSWERS });
      expect(proxy.cuts).toBeGreaterThanOrEqual(LOST_ANSWERS);
      await expectOneEach(ground, count);
    }),
    LONG,
  );

  test(
    "have every run once after their web servers were killed and started again under load",
    onEach(async (airflow) => {
      await using ground = await prepare(airflow);
      await using place = await sqlite.freshPlace();
      await using server = await serverFor(place, ground);
      await server.start();
      const component = airflow.generation === 2 ? "webserver" : "api-server";
      const count = await meanwhile(
        (until) => triggerAll(server, ground, { count: THROUGH_TROUBLE, width: 2, until }),
        async () => {
          await airflow.killComponent(component);
          await expect(ground.engine.getDag(ground.dagId, { timeoutMs: 2_000 })).rejects.toMatchObject({
            code: expect.stringMatching(/^INSTANCE_/),
          });
          await airflow.startComponent(component);
        },
      );
      await expectOneEach(ground, count);
    }),
    LONG,
  );

  test(
    "have every run once after their database was away",
    onEach(async (airflow) => {
      await using ground = await prepare(airflow);
      await using place = await sqlite.freshPlace();
      await using server = await serverFor(place, ground);
      await server.start();
      const gate = createDatabaseGate(airflow.databaseUrl);
      const count = await meanwhile(
        (until) => triggerAll(server, ground, { count: THROUGH_TROUBLE, width: 2, until }),
        async () => {
          try {
            expect(await gate.shut()).toBeGreaterThan(0);
            await pause(5_000);
          } finally {
            await gate.open();
            await revive(ground);
          }
        },
      );
      await expectOneEach(ground, count);
    }),
    LONG,
  );

  test(
    "have every run once after our own database was away",
    onEach(async (airflow) => {
      await using ground = await prepare(airflow);
      await using place = await postgres.freshPlace();
      await using server = await serverFor(place, ground);
      await server.start();
      const gate = createDatabaseGate(place.address.url ?? "");
      let refused = 0;
      const ask = async (n: number): Promise<void> => {
        for (;;) {
          const answer = await fetch(`${server.url}/api/v1/triggers`, {
            method: "POST",
            headers: { "content-type": "application/json", "idempotency-key": `${ground.dagId}-${n}` },
            body: JSON.stringify({ instances: ["airflow"], dag_id: ground.dagId, conf: { n } }),
          });
          if (answer.ok) return;
          refused += 1;
          expect([409, 503]).toContain(answer.status);
          await pause(200);
        }
      };
      const count = await meanwhile(
        async (until) => {
          let n = 0;
          for (; n < THROUGH_TROUBLE || !until.aborted; n += 1) {
            await ask(n);
            await pause(100);
          }
          return n;
        },
        async () => {
          try {
            expect(await gate.shut()).toBeGreaterThan(0);
            await pause(3_000);
          } finally {
            await gate.open();
          }
        },
      );
      expect(refused).toBeGreaterThan(0);
      await expect.poll(async () => (await ground.runs()).length, { timeout: 120_000, interval: 1_000 }).toBe(count);
      await expectOneEach(ground, count);
    }),
    LONG,
  );
});
