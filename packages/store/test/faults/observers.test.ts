import { toDagId, toInstanceId, toRunId } from "@airfleet/model";
import { describe, expect, it } from "vitest";
import { backends } from "../backends.ts";
import { readOf, runOf, START, subjectOf } from "../run-samples.ts";
import { startChild } from "./child.ts";

const PATIENT = { timeout: 120_000 };
const postgres = backends.find(({ name }) => name === "postgres")!;
const EU = toInstanceId("eu-1");
const ROUNDS = 60;

describe("several processes that observe the same runs", PATIENT, () => {
  it("agree on every run, count each once, and tell of each new run once", async () => {
    await using place = await postgres.freshPlace();
    await using store = await place.open();
    const observers = [11, 222, 3_333].map((seed) => startChild("observer.ts", place, String(seed), String(ROUNDS)));
    for (const observer of observers) await observer.heard("done");
    for (const observer of observers) await observer[Symbol.asyncDispose]();
    // They took rows in one order, so nobody was ended for another's sake.
    const database = "select deadlocks from pg_stat_database where datname = current_database()";
    expect(Number((await place.sql(database))[0]?.["deadlocks"])).toBe(0);
    // Whatever they had seen by then: the last word of the engine, once more.
    const last = Array.from({ length: 30 }, (_, index) =>
      readOf(
        {
          ...runOf(`r-${index}`, "success", index % 7, { dagId: toDagId(`dag-${index % 3}`) }),
          runId: toRunId(`r-${index}`),
        },
        START + 4,
      ),
    );
    await store.runs.observe({ instance: EU, observations: last });
    const { items } = await store.runs.list({ limit: 100 });
    expect(items).toHaveLength(30);
    expect(items.every(({ record }) => record.state === "success")).toBe(true);
    for (let index = 0; index < 5; index += 1) {
      const subject = subjectOf(`s-${index}`);
      const own = (await store.subjects.runs(subject, { limit: 100 })).items;
      expect(own.length).toBeGreaterThan(0);
      expect(await store.subjects.find(subject)).toMatchObject({
        state: "success",
        currentRun: null,
        lastFailure: null,
        lastSuccess: { key: own[0]?.key },
        newestRun: { key: own[0]?.key },
        counts: { total: own.length, success: own.length, failed: 0, active: 0 },
      });
    }
    expect((await store.runs.list({ limit: 5, failedWithoutLaterSuccess: true })).items).toEqual([]);
    while ((await store.events.sequence(1_000)) > 0);
    const events = await store.events.list({ after: 0, limit: 10_000 });
    const changed = events.filter(({ kind }) => kind === "run.changed");
    expect(changed.filter(({ payload }) => payload["is_new"] === true)).toHaveLength(30);
    const told = observers.reduce((sum, { lines }) => sum + Number(lines.at(-1)?.split(" ")[1]), 0);
    expect(changed.length).toBeGreaterThanOrEqual(told);
    // Each process had its part in it.
    for (const { lines } of observers) expect(Number(lines.at(-1)?.split(" ")[1])).toBeGreaterThan(0);
    // The history of a run has no gap and no place taken twice.
    const rows = await place.sql(
      "select run_pk, max(number) as last, count(*) as rows from observations group by run_pk",
    );
    for (const row of rows) expect(row["last"]).toBe(row["rows"]);
  });
});
