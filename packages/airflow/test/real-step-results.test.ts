import { randomUUID } from "node:crypto";
import { rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { isAirfleetError, isTerminalRunState, toDagId, toRunId } from "@airfleet/model";
import { describe, expect, it } from "vitest";
import { hostOf, takeAirflow } from "./conformance/instance-under-trial.ts";

const RESULT = {
  outputs: {
    output: { uri: "s3://bucket/é.parquet", rows: 3, columns: [{ name: "a", type: "BIGINT" }], bytes: 120 },
  },
  rows_in: 0,
  rows_out: 3,
  seconds: 0.25,
  chosen: null,
};

const source = (dagId: string): string => `
import json
from datetime import datetime, timezone
try:
    from airflow.sdk import dag, task
except ImportError:
    from airflow.decorators import dag, task

@dag(dag_id="${dagId}", start_date=datetime(2024, 1, 1, tzinfo=timezone.utc), schedule=None, catchup=False,
     is_paused_upon_creation=False)
def build():
    @task
    def step():
        return json.loads(${JSON.stringify(JSON.stringify(RESULT))})

    @task
    def text():
        return "no step"

    @task
    def nothing():
        pass

    step() >> text() >> nothing()

build()
`;

describe.each([2, 3] as const)("the steps of a run on Airflow %i", (generation) => {
  it("tell what they left, as JSON; other tasks tell nothing", async () => {
    await using airflow = await takeAirflow(generation);
    await using cleanup = new AsyncDisposableStack();
    const host = hostOf(airflow);
    const engine = host.open();
    cleanup.defer(() => engine.close());
    const dagId = toDagId(`step_results_${randomUUID().slice(0, 8)}`);
    const file = path.join(airflow.dagsFolder, `${dagId}.py`);
    await writeFile(file, source(dagId));
    cleanup.defer(() => rm(file, { force: true }));
    const until = Date.now() + 150_000;
    const again = async <Value>(look: () => Promise<Value | undefined>): Promise<Value> => {
      for (;;) {
        const value = await look();
        if (value !== undefined) return value;
        if (Date.now() > until) throw new Error("it did not come to that in time");
        await pause(host.pollMs);
      }
    };
    const runId = toRunId(`steps-${randomUUID()}`);
    await again(async () => {
      try {
        return await engine.trigger({ dagId, runId, conf: {} });
      } catch (error) {
        if (!isAirfleetError(error, "DAG_UNKNOWN")) throw error;
        return undefined;
      }
    });
    await again(async () => (isTerminalRunState((await engine.getRun({ dagId, runId })).state) ? true : undefined));
    const results = await engine.readStepResults?.({ dagId, runId });
    expect([...(results ?? [])]).toEqual([["step", RESULT]]);
    await expect(engine.readStepResults?.({ dagId, runId: toRunId("nowhere") })).rejects.toMatchObject({
      code: "RUN_UNKNOWN",
    });
  });
});
