import { toDagId, toRunId, toTaskId } from "@airfleet/model";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { toHealth } from "../src/probe.ts";
import { data, errorOf, found, givenDagster, NAMES, row, sample } from "./dagster-stub.ts";

const dagId = toDagId("guarded");
const runId = toRunId("ours-1");
const request = { dagId, runId, conf: {} };
const other = (last: number): string => `00000000-0000-4000-8000-00000000000${last}`;

const steps = (fields: Record<string, unknown> = {}) =>
  row({
    status: "SUCCESS",
    startTime: 1_795_177_480,
    endTime: 1_795_177_490,
    stepKeysToExecute: ["a"],
    stepStats: [
      { stepKey: "a", status: "SUCCESS", startTime: 1, endTime: 2, attempts: [{ startTime: 1, endTime: 2 }] },
    ],
    executionPlan: { steps: [{ key: "a", kind: "COMPUTE", inputs: [] }] },
    eventConnection: { events: [] },
    ...fields,
  });

describe("answers", () => {
  test("a 500 that carries a GraphQL answer is a refusal, is asked once, and says nothing against the instance", async () => {
    const answer = await sample("reexecute_from_failure_of_success");
    const { engine, operations } = await givenDagster({
      FindSteps: () => found([steps()]),
      Reexecute: () => answer,
    });
    for (let time = 0; time < 8; time += 1) {
      const error = await errorOf(engine.clear({ dagId, runId, onlyFailed: false, dryRun: false }));
      expect(error.code).toBe("INSTANCE_REFUSED");
      expect(error.message).toContain("Cannot reexecute from failure");
      expect(error.message).not.toContain("site-packages");
    }
    expect(operations().filter((name) => name === "Reexecute")).toHaveLength(8);
    expect(engine.breaker?.()).toBe("closed");
  });

  test("a 500 that is no GraphQL is trouble of the server, and opens the breaker", async () => {
    const { engine } = await givenDagster({ Server: () => ({ status: 500, body: "Internal Server Error" }) });
    for (let time = 0; time < 5; time += 1) await errorOf(engine.probe());
    expect(engine.breaker?.()).toBe("open");
  });

  test("a page of HTML with status 200 is no Dagster", async () => {
    const { body } = await sample("unknown_path");
    const { engine } = await givenDagster({ Server: () => ({ type: "text/html", body }) });
    const error = await errorOf(engine.probe());
    expect(error.code).toBe("INSTANCE_ANSWER_INVALID");
    expect(error.message).toContain("HTML");
  });

  test("a document that Dagster does not understand is refused with its words", async () => {
    const answer = await sample("error_unknown_field");
    const { engine } = await givenDagster({ Server: () => answer });
    const error = await errorOf(engine.probe());
    expect([error.code, error.retryable]).toEqual(["INSTANCE_REFUSED", false]);
  });

  test("a query is sent again when its connection breaks, a mutation never", async () => {
    let drops = 0;
    const { engine, operations } = await givenDagster({
      FindRuns: () => (drops++ === 0 ? { body: "", drop: true } : found([])),
      Launch: () => ({ body: "", drop: true }),
    });
    expect((await errorOf(engine.trigger(request))).code).toBe("INSTANCE_UNREACHABLE");
    expect(operations().filter((name) => name === "Launch")).toHaveLength(1);
    expect(operations().filter((name) => name === "FindRuns")).toHaveLength(3);
  });
});

describe("code locations", () => {
  const broken = {
    name: "lab",
    updatedTimestamp: 1_795_177_111,
    locationOrLoadError: {
      __typename: "PythonError",
      className: "ModuleNotFoundError",
      message: "No module named 'x'\n\nStack Trace:\n...",
      stack: ["  File x.py, line 1\n"],
    },
  };

  test("a broken location is an import error though Dagster calls it loaded, and its jobs are flagged", async () => {
    let isBroken = false;
    const { engine } = await givenDagster({
      Names: () =>
        data(isBroken ? { workspaceOrError: { __typename: "Workspace", locationEntries: [broken] } } : NAMES),
      Catalogue: () => data({ workspaceOrError: { __typename: "Workspace", locationEntries: [broken] } }),
      FindRuns: () => found([]),
      Launch: () => data({ launchRun: { __typename: "PipelineNotFoundError", message: "Could not find it" } }),
    });
    expect(await engine.listImportErrors()).toEqual([]);
    isBroken = true;
    // Known for half a minute: the launch finds out.
    expect((await errorOf(engine.trigger(request))).code).toBe("DAG_BROKEN");
    expect((await engine.listImportErrors()).map(({ file }) => file)).toEqual(["lab"]);
    const { items } = await engine.listDags({});
    expect(items.map((dag) => [dag.dagId, dag.hasImportErrors])).toEqual([
      ["guarded", true],
      ["plain", true],
    ]);
    expect((await engine.getDag(dagId)).hasImportErrors).toBe(true);
  });
});

describe("the daemon", () => {
  const Daemons = z.object({
    data: z.object({
      instance: z.object({
        daemonHealth: z.object({
          allDaemonStatuses: z.array(
            z.object({
              daemonType: z.string(),
              required: z.boolean(),
              healthy: z.boolean(),
              lastHeartbeatTime: z.number(),
            }),
          ),
        }),
      }),
    }),
  });

  test("it is dead 90 s after its last heartbeat, though Dagster calls it healthy for half an hour", async () => {
    const { body } = await sample("server_version_daemon_down");
    const daemons = Daemons.parse(body).data.instance.daemonHealth.allDaemonStatuses;
    const needed = daemons.filter(({ daemonType }) =>
      ["SENSOR", "SCHEDULER", "QUEUED_RUN_COORDINATOR"].includes(daemonType),
    );
    const oldest = Math.min(...needed.map(({ lastHeartbeatTime }) => lastHeartbeatTime));
    expect(daemons.every(({ healthy }) => healthy)).toBe(true);
    expect(toHealth(daemons, oldest + 89).healthy).toBe(true);
    expect(toHealth(daemons, oldest + 91)).toMatchObject({
      healthy: false,
      components: [{ name: "metadatabase" }, { name: "scheduler", status: "unhealthy" }, {}, {}],
    });
  });
});

describe("launching", () => {
  test("tags meant for every run are brought along, since a launch drops them", async () => {
    const { engine, asked } = await givenDagster({
      FindRuns: () => found([]),
      Launch: () => data({ launchRun: { __typename: "LaunchRunSuccess", run: row({ jobName: "plain" }) } }),
    });
    await engine.trigger({ ...request, dagId: toDagId("plain") });
    expect(JSON.stringify(asked.at(-1)?.variables)).toContain('{"key":"airfleet/tenant","value":"acme"}');
  });

  test("a run is looked for before it is launched, and found by our id", async () => {
    const { engine, operations } = await givenDagster({ FindRuns: () => found([row()]) });
    expect(await engine.trigger(request)).toMatchObject({ created: false, existed: true, run: { runId: "ours-1" } });
    expect(operations()).toEqual(["Names", "FindRuns"]);
  });

  test("a launch whose answer is lost is found by its tag, and is not launched again", async () => {
    let isThere = false;
    const { engine, operations } = await givenDagster({
      FindRuns: () => found(isThere ? [row()] : []),
      Launch: () => {
        isThere = true;
        return { body: "", drop: true };
      },
    });
    expect(await engine.trigger(request)).toMatchObject({ created: false, run: { runId: "ours-1" } });
    expect(operations().filter((name) => name === "Launch")).toHaveLength(1);
  });

  test("of two runs launched under one id the oldest is the run, and the other is stopped while it waits", async () => {
    const twin = row({ runId: other(2) });
    const { engine, asked } = await givenDagster({
      FindRuns: () => found([twin, row({ status: "STARTED" })]),
      Terminate: () => data({ terminateRun: { __typename: "TerminateRunSuccess" } }),
    });
    expect((await engine.trigger(request)).run.state).toBe("running");
    expect(asked.at(-1)).toMatchObject({ operationName: "Terminate", variables: { runId: other(2) } });
  });

  test("a job that is not ours is given the conf as its run config", async () => {
    const { engine, asked } = await givenDagster({
      FindRuns: () => found([]),
      Launch: () => data({ launchRun: { __typename: "LaunchRunSuccess", run: row() } }),
    });
    const conf = { ops: { greet: { config: { whom: "you" } } } };
    await engine.trigger({ ...request, dagId: toDagId("plain"), conf });
    expect(asked.at(-1)?.variables).toMatchObject({ params: { runConfigData: conf } });
    await engine.trigger({ ...request, conf: { n: 1 } });
    expect(asked.at(-1)?.variables).toMatchObject({
      params: { runConfigData: { resources: { airfleet: { config: { conf: { n: 1 } } } } } },
    });
  });

  test("a config that does not fit is CONF_INVALID, with Dagster's words", async () => {
    const { body } = await sample("launch_invalid_config");
    const { engine } = await givenDagster({ FindRuns: () => found([]), Launch: () => ({ body }) });
    expect((await errorOf(engine.trigger(request))).code).toBe("CONF_INVALID");
  });
});

describe("re-executions", () => {
  const first = steps({ status: "FAILURE" });
  const again = steps({ runId: other(2), status: "STARTED", rootRunId: first.runId, parentRunId: first.runId });

  test("a run with its re-executions is one run, and the newest stands for it", async () => {
    const { engine } = await givenDagster({ FindRuns: () => found([again, first]) });
    expect(await engine.getRun({ dagId, runId })).toMatchObject({ runId: "ours-1", state: "running" });
  });

  test("a re-execution gets a launch id of its own, so that the guard does not take it for a twin", async () => {
    const { engine, asked } = await givenDagster({
      FindSteps: () => found([first]),
      Reexecute: () => data({ launchRunReexecution: { __typename: "LaunchRunSuccess", run: again } }),
    });
    await engine.clear({ dagId, runId, onlyFailed: false, dryRun: false });
    const { extraTags, useParentRunTags } = z
      .object({
        again: z.object({ extraTags: z.array(z.record(z.string(), z.string())), useParentRunTags: z.boolean() }),
      })
      .parse(asked.at(-1)?.variables).again;
    expect(useParentRunTags).toBe(true);
    expect(extraTags.map(({ key }) => key)).toEqual(["airfleet/launch_id"]);
    expect(extraTags[0]?.["value"]).not.toBe("ours-1");
  });

  test("tries count on over re-executions", async () => {
    const { engine } = await givenDagster({ FindSteps: () => found([again, first]) });
    const tries = await engine.listTries({ dagId, runId, taskId: toTaskId("a"), mapIndex: -1 });
    expect(tries.map(({ tryNumber }) => tryNumber)).toEqual([1, 2]);
  });

  test("a page of runs has one row for them", async () => {
    const { engine } = await givenDagster({
      Runs: () => data({ runsOrError: { __typename: "Runs", results: [again, first] } }),
      FindMembers: () => found([again, first], [again, first]),
    });
    const { items } = await engine.listRuns({});
    expect(items.map((run) => [run.runId, run.state])).toEqual([["ours-1", "running"]]);
  });
});

describe("lists of runs", () => {
  test("a cursor that Dagster does not know is CURSOR_INVALID, not the end", async () => {
    const { engine } = await givenDagster({
      Runs: () => data({ runsOrError: { __typename: "Runs", results: [] } }),
      FindRuns: () => found([]),
    });
    expect((await errorOf(engine.listRuns({ after: `c${other(9)}` }))).code).toBe("CURSOR_INVALID");
    expect((await errorOf(engine.listRuns({ after: "o12" }))).code).toBe("CURSOR_INVALID");
  });

  test("the last page behind a known cursor is the end", async () => {
    const { engine } = await givenDagster({
      Runs: () => data({ runsOrError: { __typename: "Runs", results: [] } }),
      FindRuns: () => found([row()]),
    });
    expect(await engine.listRuns({ after: `c${other(1)}` })).toMatchObject({ items: [], next: null });
  });

  test("every list has a limit, and ids that are none filter nothing away", async () => {
    const { engine, asked } = await givenDagster({
      Runs: () => data({ runsOrError: { __typename: "Runs", results: [] } }),
    });
    await engine.listRuns({});
    await engine.listRuns({ limit: 5_000 });
    expect(
      asked.filter(({ operationName }) => operationName === "Runs").map(({ variables }) => variables["limit"]),
    ).toEqual([100, 100]);
    expect((await engine.listRuns({ states: ["lost"] })).items).toEqual([]);
    expect(asked.filter(({ operationName }) => operationName === "Runs")).toHaveLength(2);
  });
});
