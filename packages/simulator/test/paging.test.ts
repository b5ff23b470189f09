import { assert, asyncProperty, constantFrom, integer } from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createManualClock, createSimulator, type Generation, type Simulator } from "@airfleet/simulator";
import { type Api, createApi } from "./api.ts";

const RUNS = 57;
let simulator: Simulator;
const apis = new Map<Generation, Api>();
const api = (generation: Generation): Api => {
  const found = apis.get(generation);
  if (found === undefined) throw new Error("not started");
  return found;
};

beforeAll(async () => {
  const clock = createManualClock();
  simulator = createSimulator({ clock });
  for (const generation of [2, 3] as const) {
    const instance = await simulator.addInstance({
      id: `g${generation}`,
      generation,
      dags: [
        ...Array.from({ length: 130 }, (_, index) => ({
          dagId: `dag_${String(index).padStart(3, "0")}`,
          paused: true,
          tasks: [{ taskId: "a" }],
        })),
        {
          dagId: "busy",
          paused: true,
          tasks: [{ taskId: "a" }, { taskId: "b" }],
          history: { runs: RUNS, failRate: 0.4, everySeconds: 60, durationSeconds: 10 },
        },
      ],
    });
    apis.set(generation, await createApi(instance));
  }
});
afterAll(() => simulator.close());

interface RunPage {
  readonly dag_runs: readonly { readonly dag_run_id: string }[];
  readonly total_entries: number;
  readonly next_cursor?: string | null;
  readonly previous_cursor?: string | null;
}

const idsOf = (page: RunPage): string[] => page.dag_runs.map((run) => run.dag_run_id);
const ORDERS = {
  2: ["id", "-id", "state", "-start_date", "updated_at"],
  3: ["id", "-run_after", "state", "-state", "updated_at", "end_date"],
};

describe.each([2, 3] as const)("paging of Airflow %i", (generation) => {
  test("shows every run once when it is walked by offset, whatever the page size and order", async () => {
    await assert(
      asyncProperty(integer({ min: 1, max: 40 }), constantFrom(...ORDERS[generation]), async (limit, order) => {
        const seen: string[] = [];
        for (let offset = 0; offset < RUNS; offset += limit) {
          const page = await api(generation).get<RunPage>(
            `/dags/~/dagRuns?limit=${limit}&offset=${offset}&order_by=${order}`,
          );
          expect(page.total_entries).toBe(RUNS);
          seen.push(...idsOf(page));
        }
        expect(seen).toHaveLength(RUNS);
        expect(new Set(seen).size).toBe(RUNS);
      }),
      { numRuns: 12 },
    );
  });

  test("cuts a page of DAGs at 100 and says how many there are", async () => {
    const page = await api(generation).get<{ dags: unknown[]; total_entries: number }>("/dags?limit=1000");
    expect([page.dags.length, page.total_entries]).toEqual([100, 131]);
  });

  test("does not cut the pages of batch lists", async () => {
    const client = api(generation);
    const page = { page_limit: 1000 };
    const runs = (await client.send("POST", "/dags/~/dagRuns/list", page)).body as { dag_runs: unknown[] };
    const tasks = (await client.send("POST", "/dags/~/dagRuns/~/taskInstances/list", page)).body as {
      task_instances: unknown[];
    };
    expect([runs.dag_runs.length, tasks.task_instances.length]).toEqual([RUNS, RUNS * 2]);
  });

  test("cuts the list of task instances only on Airflow 3", async () => {
    const page = await api(generation).get<{ task_instances: unknown[] }>("/dags/~/dagRuns/~/taskInstances?limit=1000");
    expect(page.task_instances).toHaveLength(generation === 2 ? RUNS * 2 : 100);
  });

  test("gives its own default page", async () => {
    const page = await api(generation).get<{ dags: unknown[] }>("/dags");
    expect(page.dags).toHaveLength(generation === 2 ? 100 : 50);
  });

  test("takes a limit of 0 as its generation does", async () => {
    const page = await api(generation).get<{ dags: unknown[]; total_entries: number }>("/dags?limit=0");
    expect([page.dags.length, page.total_entries]).toEqual(generation === 2 ? [100, 131] : [0, 131]);
  });
});

test("shows every run once when Airflow 3 is walked by cursor, forth and back", async () => {
  await assert(
    asyncProperty(integer({ min: 1, max: 40 }), constantFrom(...ORDERS[3]), async (limit, order) => {
      const pages: string[][] = [];
      let cursor: string | null = "";
      let previous: string | null = null;
      while (cursor !== null) {
        const page: RunPage = await api(3).get<RunPage>(
          `/dags/~/dagRuns?limit=${limit}&order_by=${order}&cursor=${cursor}`,
        );
        pages.push(idsOf(page));
        cursor = page.next_cursor ?? null;
        previous = page.previous_cursor ?? null;
      }
      expect(pages.flat()).toHaveLength(RUNS);
      expect(new Set(pages.flat()).size).toBe(RUNS);
      const back =
        previous === null
          ? undefined
          : idsOf(await api(3).get<RunPage>(`/dags/~/dagRuns?limit=${limit}&order_by=${order}&cursor=${previous}`));
      // One page has none before it; else the last page leads back to the one before.
      expect(back).toEqual(pages.at(-2));
    }),
    { numRuns: 15 },
  );
});

test("finds the rest of a cursor walk although runs before it are deleted", async () => {
  const own = createSimulator({ clock: createManualClock() });
  try {
    const instance = await own.addInstance({
      id: "own",
      generation: 3,
      dags: [{ dagId: "x", paused: true, tasks: [{ taskId: "a" }], history: { runs: 10 } }],
    });
    const client = await createApi(instance);
    const first = await client.get<RunPage>("/dags/~/dagRuns?limit=4&cursor=");
    const [gone] = idsOf(first);
    expect((await client.send("DELETE", `/dags/x/dagRuns/${encodeURIComponent(gone ?? "")}`)).status).toBe(204);
    const second = await client.get<RunPage>(`/dags/~/dagRuns?limit=100&cursor=${first.next_cursor}`);
    expect(new Set([...idsOf(first), ...idsOf(second)]).size).toBe(10);
  } finally {
    await own.close();
  }
});
