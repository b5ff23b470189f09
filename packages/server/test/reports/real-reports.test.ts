import { setTimeout as pause } from "node:timers/promises";
import { type RunAddress, toTaskId } from "@airfleet/model";
import { createMovableClock } from "@airfleet/tools-engines";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { soakCount } from "../../../store/test/soak-count.ts";
import { sendForm, signIn } from "../support/airflow2-pages.ts";
import type { LineMood } from "./faulty-line.ts";
import type { ClosedGate } from "./gated-airflow.ts";
import { type Reported, type ReportedFleet, startReportedFleet } from "./reported-fleet.ts";

vi.setConfig({ testTimeout: 400_000 });
const PATIENCE = { timeout: 150_000, interval: 400 };
/** Ten minutes of short DAGs in `make soak`. */
const TROUBLED_MS = soakCount(600) * 1_000;
const MOODS: readonly LineMood[] = ["reset", "error", "black-hole", { delayMs: 1_500 }, "down"];
/** Less than the sender waits for an answer: a hook that waited for the receiver would take longer. */
const HOOK_BOUND_MS = 2_500;
const SHORT_DAG_WORDS = [
  "first#1 running",
  "first#1 success",
  "run running",
  "run success",
  "second#1 running",
  "second#1 success",
];
/** Nothing of a process is known from its log. */
const NO_LOGS: ClosedGate = { keepsAway: /\/logs\//, answer: (response) => response.writeHead(403).end() };

let fleet: ReportedFleet;
beforeAll(async () => {
  fleet = await startReportedFleet([2, 3]);
});
afterAll(async () => {
  await fleet[Symbol.asyncDispose]();
});

/** Does the same with both generations at once. */
const both = async (work: (airflow: Reported) => Promise<void>): Promise<void> => {
  await Promise.all(fleet.reported.map(work));
};

/** Runs that the tests have started, in order to look at all of them once more. */
const started: { readonly airflow: Reported; readonly run: RunAddress }[] = [];
const start = async (airflow: Reported, dagId: string, logicalDate?: string): Promise<RunAddress> => {
  const run = await airflow.start(dagId, logicalDate);
  started.push({ airflow, run });
  return run;
};

const untilTold = (airflow: Reported, run: RunAddress, words: string): Promise<void> =>
  vi.waitFor(async () => {
    expect({ airflow: airflow.id, run, told: await fleet.told(airflow, run) }).toMatchObject({
      told: expect.arrayContaining([words]),
    });
  }, PATIENCE);

const untilShown = (airflow: Reported, run: RunAddress, state: string): Promise<void> =>
  vi.waitFor(async () => {
    expect({ airflow: airflow.id, run, shown: await fleet.find(airflow, run) }).toMatchObject({ shown: { state } });
  }, PATIENCE);

/** Reports of what happened before have arrived by the end of a run that was started after it. */
const barrier = async (airflow: Reported): Promise<void> => {
  await untilTold(airflow, await start(airflow, "rp_ok"), "run success");
};

describe("a real Airflow 2.11 and 3.3 with our plugin, while we cannot read their runs", () => {
  test("report how their runs go, in each way in which a run ends by itself", async () => {
    await both(async (airflow) => {
      const expected = {
        rp_ok: ["success", ["run running", "work#1 running", "work#1 success", "run success"]],
        rp_fail: ["failed", ["run running", "breaks#1 running", "breaks#1 failed", "run failed"]],
        rp_retry: [
          "success",
          [
            "run running",
            "wobbles#1 running",
            "wobbles#1 up_for_retry",
            "wobbles#2 running",
            "wobbles#2 success",
            "run success",
          ],
        ],
        rp_mapped: [
          "success",
          ["run running", ...[0, 1, 2].flatMap((n) => [`each[${n}]#1 running`, `each[${n}]#1 success`]), "run success"],
        ],
        // What is skipped by others has no hook; what skips itself has one in Airflow 3.
        rp_skip: [
          "success",
          ["run running", "skips#1 running", ...(airflow.generation === 3 ? ["skips#1 skipped"] : []), "run success"],
        ],
        // Nobody is left to tell in Airflow 3; in 2 the DAG processor does.
        rp_die: [
          "failed",
          ["run running", "dies#1 running", ...(airflow.generation === 2 ? ["dies#1 failed"] : []), "run failed"],
        ],
      } as const;
      await Promise.all(
        Object.entries(expected).map(async ([dagId, [state, words]]) => {
          const run = await start(airflow, dagId);
          await untilShown(airflow, run, state);
          expect(await fleet.find(airflow, run)).toMatchObject({ discovered_by: "report" });
          await vi.waitFor(async () => {
            expect([...(await fleet.told(airflow, run))].sort()).toEqual([...words].sort());
          }, PATIENCE);
        }),
      );
    });
  });

  test("report what is marked by hand: Airflow 3 all of it, Airflow 2 what the scheduler decides afterwards", async () => {
    await both(async (airflow) => {
      const { engine } = airflow;
      const runs = await Promise.all(["rp_hold", "rp_hold", "rp_dying"].map((dagId) => start(airflow, dagId)));
      const [asFailed, asSuccess, dying] = runs as [RunAddress, RunAddress, RunAddress];
      for (const run of runs) await untilTold(airflow, run, "holds#1 running");
      // Before its command runs, there is nothing that could end in the usual way.
      await vi.waitFor(async () => {
        expect(await airflow.reporting.hasBegun(dying.runId)).toBe(true);
      }, PATIENCE);
      await engine.setRunState({ ...asFailed, state: "failed" });
      await engine.setRunState({ ...asSuccess, state: "success" });
      await engine.setRunState({ ...dying, state: "failed" });

      const byTask = await Promise.all(["rp_hold", "rp_hold"].map((dagId) => start(airflow, dagId)));
      const [taskFailed, taskSuccess] = byTask as [RunAddress, RunAddress];
      const holds = { taskId: toTaskId("holds"), mapIndex: -1, dryRun: false };
      for (const run of byTask) await untilTold(airflow, run, "holds#1 running");
      await engine.setTaskState({ ...taskFailed, ...holds, state: "failed" });
      await engine.setTaskState({ ...taskSuccess, ...holds, state: "success" });
      await untilShown(airflow, taskFailed, "failed");
      await untilShown(airflow, taskSuccess, "success");
      const isTold = airflow.generation === 3;
      // The process of its task says so when it is told to end; whoever marked the run knows better.
      if (isTold) await untilTold(airflow, dying, "holds#1 up_for_retry");
      await barrier(airflow);

      const shown = async (run: RunAddress) => (await fleet.find(airflow, run))?.state;
      expect({
        airflow: airflow.id,
        runMarkedFailed: await shown(asFailed),
        runMarkedSuccess: await shown(asSuccess),
        runMarkedFailedWithRetriesLeft: await shown(dying),
        taskMarkedFailed: (await fleet.told(airflow, taskFailed)).includes("holds#1 failed"),
        taskMarkedSuccess: (await fleet.told(airflow, taskSuccess)).includes("holds#1 success"),
      }).toEqual({
        airflow: airflow.id,
        runMarkedFailed: isTold ? "failed" : "running",
        runMarkedSuccess: isTold ? "success" : "running",
        runMarkedFailedWithRetriesLeft: isTold ? "failed" : "running",
        taskMarkedFailed: isTold,
        taskMarkedSuccess: isTold,
      });
    });
  });

  test("report what the command of Airflow 2 marks, and nothing of what its pages do", async () => {
    const airflow = fleet.reported.find(({ generation }) => generation === 2)!;
    const real = airflow.reporting.airflow;
    const byPage = await start(airflow, "rp_hold");
    const byCommand = await start(airflow, "rp_hold");
    for (const run of [byPage, byCommand]) await untilTold(airflow, run, "holds#1 running");
    const fields = { dag_id: byPage.dagId, dag_run_id: byPage.runId, confirmed: "true" };
    const answer = await sendForm(real, await signIn(real), "/dagrun_failed", fields);
    expect(await answer.json()).toMatchObject({ status: "success" });
    await real.command(["tasks", "run", "--mark-success", "--force", "--local", "rp_hold", "holds", byCommand.runId]);
    await untilTold(airflow, byCommand, "holds#1 success");
    await untilShown(airflow, byCommand, "success");
    await barrier(airflow);
    expect(await airflow.engine.getRun(byPage)).toMatchObject({ state: "failed" });
    expect(await fleet.find(airflow, byPage)).toMatchObject({ state: "running" });
  });

  test("are not read: all of this came by reports", async () => {
    await both(async (airflow) => {
      expect(airflow.gate.refused()).toBeGreaterThan(0);
      for (const { run } of started.filter((each) => each.airflow === airflow)) {
        const shown = await fleet.find(airflow, run);
        const { items } = await fleet.ask<{ items: readonly { source: string }[] }>(`/runs/${shown?.id}/observations`);
        expect(new Set(items.map(({ source }) => source))).toEqual(new Set(["report"]));
      }
    });
  });
});

describe("the same, read again", () => {
  test("show every run as the engine has it, with the tasks that nobody reported", async () => {
    for (const { gate } of fleet.reported) gate.open();
    // Whoever was refused for so long waits for minutes; a server that starts asks at once.
    await fleet.restartServer();
    await both(async (airflow) => {
      for (const { run } of started.filter((each) => each.airflow === airflow)) {
        const { state } = await airflow.engine.getRun(run);
        await untilShown(airflow, run, state);
        const shown = await fleet.find(airflow, run);
        const [ours, theirs] = await Promise.all([
          fleet.ask<{ items: readonly { task_id: string; map_index: number; state: string }[] }>(
            `/runs/${shown?.id}/tasks`,
          ),
          airflow.engine.listTaskInstances({ runs: [run] }),
        ]);
        const words = ours.items.map((task) => `${task.task_id}[${task.map_index}] ${task.state}`);
        expect({ run, tasks: words.toSorted() }).toEqual({
          run,
          tasks: theirs.map((task) => `${task.taskId}[${task.mapIndex}] ${task.state}`).toSorted(),
        });
      }
    });
  });
});

describe("a stop of which only the plugin of Airflow 3 can tell that it was done", () => {
  interface Report {
    readonly received_at: string;
    readonly message: { readonly task?: { readonly state: string; readonly process_ends: boolean } };
  }

  test("is confirmed by the dying process; its run stays cancelled after late hooks and readings", async () => {
    const airflow = fleet.reported.find(({ generation }) => generation === 3)!;
    const { engine, gate, reporting } = airflow;
    gate.open();
    const run = await start(airflow, "rp_dying");
    await vi.waitFor(async () => {
      expect(await reporting.hasBegun(run.runId)).toBe(true);
    }, PATIENCE);
    await untilShown(airflow, run, "running");
    const [working] = await engine.listTaskInstances({ runs: [run] });
    gate.close(NO_LOGS);
    const refused = gate.refused();
    const place = `/runs/${(await fleet.find(airflow, run))?.id}`;
    const body = JSON.stringify({ timeout: 90 });
    const { id } = await fleet.ask<{ readonly id: string }>(`${place}/stop`, { method: "POST", body });
    await vi.waitFor(async () => {
      expect(await fleet.ask(`/actions/${id}`)).not.toMatchObject({ state: "pending" });
    }, PATIENCE);

    // Nothing else could tell: its log is kept away, its host is not ours, and silence is believed after an hour.
    expect(gate.refused()).toBeGreaterThan(refused);
    const reports = await fleet.ask<{ readonly items: readonly Report[] }>(`${place}/reports?limit=500`);
    const ends = reports.items.filter(({ message }) => message.task?.process_ends === true);
    expect(ends).toMatchObject([{ message: { task: { state: "up_for_retry", pid: working?.pid } } }]);
    expect(await fleet.ask(`${place}/stop`)).toMatchObject({
      action: id,
      stage: "ended",
      process_counts: { alive: 0, confirmed: 1, presumed: 0 },
      processes: [
        {
          task_id: "holds",
          try_number: 1,
          state_before: "running",
          hostname: "elsewhere.invalid",
          pid: working?.pid,
          process_gone: "confirmed",
          by: "listener",
          gone_at: ends[0]?.received_at,
        },
      ],
    });
    expect(await fleet.ask(`/actions/${id}`)).toMatchObject({ state: "done", after: { state: "cancelled" } });

    for (const words of ["holds#1 failed", "run failed"]) await untilTold(airflow, run, words);
    expect(await fleet.ask(`${place}?live=true`)).toMatchObject({ state: "cancelled", engine_state: "failed" });
    expect(await fleet.ask(`${place}/tasks?live=true`)).toMatchObject({
      items: [{ task_id: "holds", try_number: 1, state: "failed" }],
    });
    const { items } = await fleet.ask<{ readonly items: readonly { readonly state: string }[] }>(
      `${place}/observations`,
    );
    const states = items.map(({ state }) => state);
    expect(new Set(states.slice(states.indexOf("cancelled")))).toEqual(new Set(["cancelled"]));
    expect(await fleet.find(airflow, run)).toMatchObject({ state: "cancelled" });
    gate.open();
  });
});

/** Everything about a run of the short DAG has arrived, once. */
const untilAllTold = (airflow: Reported, run: RunAddress): Promise<void> =>
  vi.waitFor(async () => {
    expect({ airflow: airflow.id, run, told: [...(await fleet.told(airflow, run))].sort() }).toMatchObject({
      told: SHORT_DAG_WORDS,
    });
  }, PATIENCE);

describe("a receiver in trouble", () => {
  test("gets everything once it is back, though nobody listened while whole runs went by", async () => {
    await fleet.line.set("down");
    await both(async (airflow) => {
      const runs = await Promise.all([0, 1].map(() => start(airflow, "rp_short")));
      for (const run of runs) expect(await airflow.ended(run)).toMatchObject({ state: "success" });
      await vi.waitFor(async () => {
        expect(await airflow.reporting.senderStatus()).toMatchObject({ state: "waiting" });
      }, PATIENCE);
      for (const run of runs) expect(await fleet.told(airflow, run)).toEqual([]);
      // Whoever was to deliver it is gone too.
      await airflow.reporting.endSender();
    });
    await fleet.restartServer();
    await fleet.line.set("through");
    await both(async (airflow) => {
      await barrier(airflow);
      for (const { run } of started.filter((each) => each.airflow === airflow && each.run.dagId === "rp_short")) {
        await untilAllTold(airflow, run);
      }
    });
  });

  test(`neither delays nor fails a task, and misses none, in ${TROUBLED_MS / 1_000} s of faults of every kind`, {
    timeout: TROUBLED_MS + 300_000,
  }, async () => {
    const before = await Promise.all(fleet.reported.map(({ reporting }) => reporting.hookTimes()));
    const runs = new Map(fleet.reported.map((airflow) => [airflow, [] as RunAddress[]]));
    const stop = new AbortController();
    const load = both(async (airflow) => {
      while (!stop.signal.aborted) {
        const run = await start(airflow, "rp_short");
        runs.get(airflow)?.push(run);
        await airflow.ended(run);
      }
    });
    for (const until = Date.now() + TROUBLED_MS; Date.now() < until; ) {
      for (const mood of MOODS) {
        await fleet.line.set(mood);
        await pause(TROUBLED_MS / Math.max(1, Math.round(TROUBLED_MS / 60_000)) / MOODS.length);
      }
    }
    stop.abort();
    await fleet.line.set("through");
    await load;
    expect(fleet.line.cuts()).toBeGreaterThan(0);
    for (const mood of ["error", "black-hole", "delay"] as const) {
      expect({ mood, calls: fleet.line.calls(mood) }).toMatchObject({ calls: expect.toSatisfy((calls) => calls > 0) });
    }
    await both(async (airflow) => {
      const mine = runs.get(airflow) ?? [];
      for (const run of mine) {
        expect(await airflow.ended(run)).toMatchObject({ state: "success" });
        await untilAllTold(airflow, run);
        await untilShown(airflow, run, "success");
      }
      const index = fleet.reported.indexOf(airflow);
      const times = (await airflow.reporting.hookTimes()).slice(before[index]?.length);
      const took = times.map(({ took_ms }) => took_ms).sort((left, right) => left - right);
      const at = (share: number): number => took[Math.floor((took.length - 1) * share)] ?? Number.NaN;
      process.stdout.write(
        `${airflow.id}: ${mine.length} runs, ${took.length} hooks, median ${at(0.5).toFixed(1)} ms, ` +
          `p99 ${at(0.99).toFixed(1)} ms, most ${at(1).toFixed(1)} ms\n`,
      );
      expect(took.length).toBeGreaterThanOrEqual(6 * mine.length);
      expect(at(1)).toBeLessThan(HOOK_BOUND_MS);
    });
  });
});

describe("a worker whose clock is wrong", () => {
  test.each([3_600, -3_600])("reports all the same, %i s off", async (seconds) => {
    await both(async (airflow) => {
      const { reporting } = airflow;
      const clock = await createMovableClock({ directory: reporting.place });
      await clock.move(seconds);
      await reporting.restartWorkers(clock.environment);
      await reporting.endSender();
      // Before whatever its workers' clock shows: Airflow 2 starts no task of a later run.
      const run = await start(airflow, "rp_short", new Date(Date.now() - 2 * 3_600_000).toISOString());
      expect(await airflow.ended(run)).toMatchObject({ state: "success" });
      await untilAllTold(airflow, run);
      await untilShown(airflow, run, "success");
      const { skew_seconds: skew = 0 } = (await reporting.senderStatus()) ?? {};
      // What had to be corrected: without it, no token of this sender is ever valid.
      expect(Math.abs(skew + seconds)).toBeLessThan(120);
    });
  });
});

describe("a connection and variables of cwl-airflow's names", () => {
  test("make Airflow report in that system's format, signed", async () => {
    await both(async (airflow) => {
      const { engine, gate, generation, id, key, reporting } = airflow;
      // A report that bears no time makes no run known until that run was read.
      gate.open();
      const { hostname, port } = new URL(fleet.line.url);
      const put = (name: string, value: string) =>
        engine.putConfig({ kind: "variable", key: `process_report_${name}`, value });
      await engine.putConfig({
        kind: "connection",
        key: "process_report",
        connType: "http",
        host: hostname,
        port: Number(port),
        extra: JSON.stringify({ endpoint: `reports/${id}/satellite/v1/` }),
      });
      await put("private_key", key.privatePem);
      // The older and the younger name.
      await put(generation === 2 ? "crypt_algorithm" : "algorithm", "ES256");
      const names = ["URL", "INSTANCE", "REPORT_KEY_FILE", "REPORT_KEY_ID"].map((name) => `AIRFLEET_${name}`);
      await reporting.restart(Object.fromEntries([...names, "LD_PRELOAD"].map((name) => [name, null])));
      await reporting.endSender();

      const good = await start(airflow, "rp_short");
      const bad = await start(airflow, "rp_fail");
      await untilShown(airflow, good, "success");
      await untilShown(airflow, bad, "failed");
      await vi.waitFor(async () => {
        const { progress } = (await fleet.find(airflow, good))?.reported ?? {};
        expect({ airflow: id, progress }).toEqual({ airflow: id, progress: 100 });
      }, PATIENCE);
      const run = await fleet.find(airflow, good);
      const { items } = await fleet.ask<{ items: readonly { format: string; kind: string; task_id: string | null }[] }>(
        `/runs/${run?.id}/reports?limit=500`,
      );
      expect(new Set(items.map(({ format }) => format))).toEqual(new Set(["g1"]));
      expect(items.map(({ task_id }) => task_id)).toEqual(expect.arrayContaining(["first", "second", null]));
    });
  });
});
