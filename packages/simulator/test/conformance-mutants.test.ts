import {
  type Claim,
  type ClaimContext,
  conformanceClaims,
  type Engine,
  openConformanceSession,
} from "@airfleet/engine";
import { toRunId, toTaskId } from "@airfleet/model";
import { afterAll, describe, expect, test } from "vitest";
import { createSimulator } from "../src/index.ts";
import { BROKEN_FILE_SPEC, fixtureDags } from "./fixture-dags.ts";
import { hostOf } from "./simulated-host.ts";

// A suite that accepts every engine claims nothing: each of these engines breaks one promise, and one claim must say so.
const simulator = createSimulator({ timeScale: 10 });
const sessions = await Promise.all(
  ([2, 3] as const).map(async (generation) => {
    const dags = fixtureDags();
    const id = `mutant-${generation}`;
    const instance = await simulator.addInstance({ id, generation, dags, brokenFiles: [BROKEN_FILE_SPEC] });
    return { generation, session: await openConformanceSession({ ...hostOf(instance), patienceMs: 10_000 }) };
  }),
);

afterAll(async () => {
  for (const { session } of sessions) await session[Symbol.asyncDispose]();
  await simulator.close();
});

interface Mutant {
  readonly defect: string;
  /** The claim that must notice. */
  readonly claim: string;
  readonly mutate: (engine: Engine) => Partial<Engine>;
}

const nothing = async (): Promise<void> => undefined;

const MUTANTS: readonly Mutant[] = [
  {
    defect: "forgets to pause",
    claim: "pausing and unpausing is read back at once",
    mutate: () => ({ setPaused: nothing }),
  },
  {
    defect: "calls every trigger a new run",
    claim: "repeating a trigger finds the first run and makes no second",
    mutate: (engine) => ({
      trigger: async (request, options) => ({ ...(await engine.trigger(request, options)), created: true }),
    }),
  },
  {
    defect: "gives each trigger an id of its own",
    claim: "a run starts under the id that we chose, by hand, with an empty conf",
    mutate: (engine) => ({
      trigger: (request, options) => engine.trigger({ ...request, runId: toRunId(`${request.runId}x`) }, options),
    }),
  },
  {
    defect: "forgets the conf",
    claim: "the same id with another conf is RUN_ID_TAKEN",
    mutate: (engine) => ({ trigger: (request, options) => engine.trigger({ ...request, conf: {} }, options) }),
  },
  {
    defect: "loses the last DAG of a page",
    claim: "all pages of DAGs together show each DAG once, in order of id",
    mutate: (engine) => ({
      listDags: async (query, options) => {
        const page = await engine.listDags(query, options);
        return { ...page, items: page.items.slice(0, -1) };
      },
    }),
  },
  {
    defect: "stops after the first page",
    claim: "small pages show the same DAGs as large ones",
    mutate: (engine) => ({
      listDags: async (query, options) => ({ ...(await engine.listDags(query, options)), next: null }),
    }),
  },
  {
    defect: "shows no changes",
    claim: "walked in small pages the feed of changes skips nobody",
    mutate: (engine) => ({
      listRuns: async (query, options) =>
        query.changedSince === undefined ? engine.listRuns(query, options) : { items: [], next: null, total: 0 },
    }),
  },
  {
    defect: "knows only the first run that it is asked for",
    claim: "one call gives the tasks of runs of several DAGs, and of no other run",
    mutate: (engine) => ({
      listTaskInstances: ({ runs }, options) => engine.listTaskInstances({ runs: runs.slice(0, 1) }, options),
    }),
  },
  {
    defect: "reads the first try whatever is asked for",
    claim: "each try has its own log",
    mutate: (engine) => ({ readLog: (request, options) => engine.readLog({ ...request, tryNumber: 1 }, options) }),
  },
  {
    defect: "drops a line of the log",
    claim: "a log of 20,000 lines comes whole and in order",
    mutate: (engine) => ({
      async *readLog(request, options) {
        for await (const line of engine.readLog(request, options)) if (!line.text.startsWith("line 12345 ")) yield line;
      },
    }),
  },
  {
    defect: "follows nothing",
    claim: "following the log of a running task goes on while it runs, and ends when it is stopped",
    mutate: (engine) => ({ readLog: (request, options) => engine.readLog({ ...request, follow: false }, options) }),
  },
  {
    defect: "clears when it should only tell",
    claim: "a dry run of a clear names the tasks and changes nothing",
    mutate: (engine) => ({
      clear: async (request, options) => ({
        ...(await engine.clear({ ...request, dryRun: false }, options)),
        dryRun: true,
      }),
    }),
  },
  {
    defect: "clears also what succeeded",
    claim: "only what failed, or could not run for it, is cleared when asked so",
    mutate: (engine) => ({ clear: (request, options) => engine.clear({ ...request, onlyFailed: false }, options) }),
  },
  {
    defect: "clears the tasks after the named ones as well",
    claim: "only the named tasks are cleared",
    mutate: (engine) => ({
      clear: ({ taskIds = [], ...request }, options) =>
        engine.clear({ ...request, taskIds: [...taskIds, toTaskId("group.b")] }, options),
    }),
  },
  {
    defect: "says that a run was stopped and lets it run",
    claim: "stopping a run ends it, read back, and leaves no task running",
    mutate: (engine) => ({
      setRunState: async ({ state, ...run }, options) => ({
        ...(await engine.getRun(run, options)),
        state: state as "failed",
      }),
    }),
  },
  {
    defect: "marks every index of a mapped task",
    claim: "one index of a mapped task is marked, and the others are not",
    mutate: (engine) => ({
      setTaskState: async (request, options) => {
        for (const mapIndex of [0, 1, 2]) await engine.setTaskState({ ...request, mapIndex }, options);
      },
    }),
  },
  {
    defect: "deletes nothing",
    claim: "a finished run is deleted with its tasks",
    mutate: () => ({ deleteRun: nothing }),
  },
  {
    defect: "shows values",
    claim: "no value of a variable and no password is ever passed on",
    mutate: (engine) => ({
      listConfig: async (kind, options) =>
        (await engine.listConfig(kind, options)).map((entry) => ({
          ...entry,
          facts: { value: "conformance-s3cret-value" },
        })),
    }),
  },
  {
    defect: "answers in the newest names only",
    claim: "a native run has Airflow 2's names",
    mutate: () => ({ readNative: async () => ({ json: new TextEncoder().encode('{"dag_run_id": "x"}') }) }),
  },
  {
    defect: "does not care whether anybody still waits",
    claim: "a call with a signal that is aborted already ends with the signal's reason",
    mutate: (engine) => ({ getDag: (dagId) => engine.getDag(dagId) }),
  },
  {
    defect: "takes all the time it likes",
    claim: "a call that gets too little time ends with INSTANCE_TIMEOUT",
    mutate: (engine) => ({ readLog: (request) => engine.readLog(request) }),
  },
];

const claims = Object.values(conformanceClaims).flat();

const claimOf = (title: string): Claim => {
  const claim = claims.find((candidate) => candidate.title === title);
  if (claim === undefined) throw new TypeError(`there is no claim "${title}"`);
  return claim;
};

const withDefect = (context: ClaimContext, { mutate }: Mutant): ClaimContext => ({
  ...context,
  engine: { ...context.engine, ...mutate(context.engine) },
  patience: { ...context.patience, patienceMs: 1_000 },
});

describe.concurrent.each(sessions)("behind the port of a simulated Airflow $generation", ({ session: { context } }) => {
  test.each(MUTANTS)("an engine that $defect is caught", { timeout: 60_000 }, async (mutant) => {
    const claim = claimOf(mutant.claim);
    await expect(claim.run(context)).resolves.toBeUndefined();
    await expect(claim.run(withDefect(context, mutant))).rejects.toBeInstanceOf(Error);
  });
});

test("every claim has a title of its own", () => {
  expect(new Set(claims.map(({ title }) => title)).size).toBe(claims.length);
  expect(claims.length).toBeGreaterThanOrEqual(60);
});
