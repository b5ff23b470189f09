import { AirfleetError } from "@airfleet/model";
import { describe, expect, it } from "vitest";
import { judgeFailure, toActionError } from "../src/actions/judge-failure.ts";
import { mayHaveArrived } from "../src/actions/lost-answer.ts";
import { timedOut, unreachable } from "./fleet-fixture.ts";

const base = {
  error: timedOut("eu"),
  sent: "none",
  mayRetry: false,
  attempts: 1,
  remainingMs: 600_000,
  random: () => 1,
} as const;
const refused = new AirfleetError("DAG_UNKNOWN", { dag_id: "d", instance: "eu" });

describe("judging a failed attempt", () => {
  it("is final at once for a caller who waits", () => {
    expect(judgeFailure(base)).toEqual({ kind: "end", state: "failed" });
  });

  it("is unknown when the write was sent and its answer lost", () => {
    expect(judgeFailure({ ...base, sent: "lost" })).toEqual({ kind: "end", state: "unknown" });
  });

  it("is unknown when the write was accepted and reading it back failed in passing, but not when reading showed a no", () => {
    expect(judgeFailure({ ...base, sent: "answered" })).toEqual({ kind: "end", state: "unknown" });
    expect(judgeFailure({ ...base, sent: "answered", error: refused })).toEqual({ kind: "end", state: "failed" });
  });

  it("is tried again with growing pauses when nobody waits, until the time is over", () => {
    const retried = { ...base, mayRetry: true };
    expect(judgeFailure(retried)).toEqual({ kind: "retry", afterMs: 2_000 });
    expect(judgeFailure({ ...retried, attempts: 4 })).toEqual({ kind: "retry", afterMs: 16_000 });
    expect(judgeFailure({ ...retried, remainingMs: 1_000 })).toEqual({ kind: "end", state: "failed" });
    expect(judgeFailure({ ...retried, error: refused })).toEqual({ kind: "end", state: "failed" });
  });

  it("never tries a clear again of which nothing is known", () => {
    const error = new AirfleetError("CLEAR_OUTCOME_UNKNOWN", { dag_id: "d", run_id: "r" });
    expect(judgeFailure({ ...base, error, mayRetry: true })).toEqual({ kind: "end", state: "unknown" });
  });

  it("keeps the insides of a defect of ours to itself", () => {
    expect(toActionError(new TypeError("canary"), "req_1")).toMatchObject({ code: "INTERNAL" });
    expect(JSON.stringify(toActionError(new TypeError("canary"), "req_1"))).not.toContain("canary");
  });
});

describe("whether a failed write may have arrived", () => {
  it("did not when no connection came about, or the instance said no", () => {
    expect(mayHaveArrived(unreachable("eu"))).toBe(false);
    expect(mayHaveArrived(refused)).toBe(false);
    expect(mayHaveArrived(new AirfleetError("INSTANCE_BUSY", {}))).toBe(false);
    expect(mayHaveArrived(new AirfleetError("AIRFLOW_SERVER_ERROR", { status: 500 }))).toBe(false);
    expect(mayHaveArrived(new AirfleetError("AIRFLOW_SERVER_ERROR", { status: 429 }))).toBe(false);
  });

  it("may have when the connection broke, time ran out, or only a gateway answered", () => {
    expect(mayHaveArrived(unreachable("eu", true))).toBe(true);
    expect(mayHaveArrived(timedOut("eu"))).toBe(true);
    expect(mayHaveArrived(new AirfleetError("AIRFLOW_SERVER_ERROR", { status: 504 }))).toBe(true);
    expect(mayHaveArrived(new AirfleetError("AIRFLOW_ANSWER_INVALID", {}))).toBe(true);
    expect(mayHaveArrived(new Error("who knows"))).toBe(true);
  });
});
