import type { RunRecord, RunState } from "@airfleet/model";
import type { ReportedDetail, ReportedPart } from "@airfleet/store";
import { describe, expect, it } from "vitest";
import { toReportedRun } from "../../src/runs/reported-run.ts";
import { aRun, FakeInstance } from "../fake-instance.ts";
import { actor, aFleet } from "../fleet-fixture.ts";
import { anIntake, aReport, key, place } from "../inbox/sample-reports.ts";

const BEGAN = Date.parse("2026-11-20T03:00:00Z");

const aRecord = (state: RunState, startedAt: string | null = "2026-11-20T03:00:00Z"): RunRecord => ({
  dagId: place.dagId,
  runId: place.runId,
  state,
  partial: false,
  read: { at: BEGAN + 60_000, run: aRun(place.dagId, place.runId, { startedAt }) },
  heard: null,
  stopped: null,
  hollow: null,
  goneAt: null,
});

const aDetail = (part: ReportedPart, value: string, receivedAt: number, isCut = false): ReportedDetail => ({
  run: key,
  part,
  value,
  category: part === "error" ? "docker" : null,
  isCut,
  receivedAt,
});

describe("what is shown of reports", () => {
  it("is what was said of the present attempt", () => {
    const details = [aDetail("progress", "40", BEGAN + 5_000), aDetail("error", "no space", BEGAN - 60_000)];
    expect(toReportedRun(details, aRecord("running"))).toEqual({
      progress: 40,
      title: null,
      error: null,
      cut: [],
      reportedAt: BEGAN + 5_000,
    });
    expect(toReportedRun(details, aRecord("running", "2026-11-20T02:00:00Z"))).toMatchObject({
      error: { category: "docker", message: "no space" },
    });
    // Cleared, and not begun again.
    expect(toReportedRun(details, aRecord("queued", null))).toBeNull();
  });

  it("is no error of a task where the run succeeded in the end", () => {
    const details = [aDetail("error", "first try", BEGAN + 1_000), aDetail("results", '{"rows":[1]}', BEGAN + 2_000)];
    expect(toReportedRun(details, aRecord("success"))).toMatchObject({ error: null, results: { rows: [1] } });
    expect(toReportedRun(details, aRecord("failed"))).toMatchObject({ error: { message: "first try" } });
  });

  it("says what was cut, and shows its beginning as text", () => {
    const details = [aDetail("results", '{"rows":[1,', BEGAN, true), aDetail("logs", "[]", BEGAN)];
    expect(toReportedRun(details, aRecord("failed"))).toMatchObject({
      results: '{"rows":[1,',
      logs: [],
      cut: ["results"],
    });
  });

  it("stands with a run, shorter in a list, and is nothing where nothing was said", async () => {
    const { control, store } = await aFleet([new FakeInstance("eu")], { settings: { poll: false } });
    const { intake } = anIntake(store);
    await intake.take({ source: "native", instance: place.instance }, [
      aReport({ details: { progress: 12.5, results: { rows: 3 }, title: "loading" } }),
      aReport({ details: { error: { category: "network", message: "x".repeat(500) } } }),
      aReport({ runId: "other" as never }),
    ]);
    await intake.applied(place.instance);
    expect((await control.runs.get(key, () => true)).reported).toMatchObject({
      progress: 12.5,
      title: "loading",
      results: { rows: 3 },
      error: { category: "network", message: "x".repeat(500) },
      cut: [],
    });
    const { items } = await control.runs.list({ limit: 10 });
    const listed = new Map(items.map(({ run, reported }) => [run.record.runId, reported]));
    expect(listed.get(place.runId)).toMatchObject({ progress: 12.5, cut: ["error"] });
    expect(listed.get(place.runId)?.error?.message).toHaveLength(200);
    expect(listed.get(place.runId)).not.toHaveProperty("results");
    expect(listed.get("other" as never)).toBeNull();
  });

  it("is kept of a publisher's messages as well", async () => {
    const { control } = await aFleet([new FakeInstance("eu")], { settings: { poll: false } });
    const message = { dag_complete: false, error: true, reason: "Unknown reason" };
    const body = { dag_id: place.dagId, dag_run_id: place.runId, rikolti_message: message };
    await control.reports.postToInstance(actor, place.instance, [JSON.stringify(body)]);
    expect((await control.runs.get(key, () => true)).reported?.error).toEqual({
      category: null,
      message: "Unknown reason",
    });
  });
});
