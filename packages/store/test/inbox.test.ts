import { type TaskState, toDagId, toInstanceId, toRunId, toTaskId } from "@airfleet/model";
import { describe, expect, it } from "vitest";
import type { NewRejectedReport, NewReport, NewReportedTask, ReportedDetail, ReportedPart } from "../src/index.ts";
import { runKeyOf } from "../src/runs/run-key.ts";
import { backends, PATIENT, withStore } from "./backends.ts";

const place = { instance: toInstanceId("eu"), dagId: toDagId("harvest"), runId: toRunId("manual__1") };

const aReport = (changes: Partial<NewReport> = {}): NewReport => ({
  source: "http",
  messageId: null,
  contentHash: "h1",
  ...place,
  kind: "task_data",
  taskId: "fetch",
  tryNumber: 1,
  mapIndex: null,
  message: '{"vernacular_version":"3433/1"}',
  isCut: false,
  isError: false,
  sentAt: 1_000_000,
  format: "rikolti",
  runState: "running",
  isKnownByContent: true,
  content: "{}",
  ...changes,
});

const aRejected = (changes: Partial<NewRejectedReport> = {}): NewRejectedReport => ({
  source: "rikolti",
  messageId: null,
  instance: null,
  body: "not json",
  isCut: false,
  reasonCode: "REPORT_UNREADABLE",
  reason: "no JSON",
  sentAt: null,
  ...changes,
});

describe.each(backends)("the inbox on $name", PATIENT, (backend) => {
  it("knows a report by its sender's id for ever, and by its content for a minute", () =>
    withStore(backend, async ({ inbox: { reports } }) => {
      const keep = async (report: NewReport) => (await reports.keep([report], 60_000))[0] !== null;
      const first = aReport({ messageId: "sns:1" });
      expect(await keep(first)).toBe(true);
      expect(await keep({ ...first, contentHash: "other", sentAt: 9_000_000 })).toBe(false);
      expect(await keep(aReport({ messageId: "sns:2", sentAt: 1_050_000 }))).toBe(false);
      expect(await keep(aReport({ messageId: "sns:2", sentAt: 1_050_000, isKnownByContent: false }))).toBe(true);
      expect(await keep(aReport({ messageId: "sns:3", sentAt: 1_170_000 }))).toBe(true);
      expect(await keep(aReport({ sentAt: 1_171_000 }))).toBe(false);
      expect(await keep(aReport({ sentAt: 1_171_000, runId: toRunId("other") }))).toBe(true);
    }));

  it("keeps each of a batch once, and tells which", () =>
    withStore(backend, async ({ inbox: { reports, waiting } }) => {
      const one = aReport({ messageId: "a", isKnownByContent: false });
      const two = aReport({ messageId: "b", isKnownByContent: false });
      const three = aReport({ contentHash: "h3" });
      const many = Array.from({ length: 250 }, (_, index) =>
        aReport({ messageId: `m${index}`, isKnownByContent: false }),
      );
      const kept = await reports.keep([one, two, one, three, three, ...many], 60_000);
      expect(kept.map((report) => report !== null)).toEqual([true, true, false, true, false, ...many.map(() => true)]);
      expect((await reports.keep([two, three], 60_000)).map((report) => report !== null)).toEqual([false, false]);
      const left = await waiting.list(Number.MAX_SAFE_INTEGER, 1_000);
      expect(left).toHaveLength(253);
      expect(left[0]).toMatchObject({ instance: "eu", content: "{}" });
      expect(new Set(left.map(({ id }) => id))).toEqual(new Set(kept.flatMap((report) => report?.id ?? [])));
    }));

  it("lets two servers keep the same reports at once, each of them once", () =>
    withStore(backend, async ({ inbox: { reports } }) => {
      const batch = Array.from({ length: 40 }, (_, index) =>
        index % 2 === 0
          ? aReport({ messageId: `m${index}`, isKnownByContent: false })
          : aReport({ contentHash: `h${index}` }),
      );
      const answers = await Promise.all([0, 1, 2, 3].map(() => reports.keep(batch, 60_000)));
      for (const [index] of batch.entries()) {
        expect(answers.filter((kept) => kept[index] !== null)).toHaveLength(1);
      }
    }));

  it("lists a run's reports in the order they were sent, page by page", () =>
    withStore(backend, async ({ inbox: { reports } }) => {
      await reports.keep(
        [3, 1, 2, 2].map((sentAt, index) => aReport({ sentAt, contentHash: `h${index}` })),
        60_000,
      );
      await reports.keep([aReport({ runId: toRunId("other") })], 60_000);
      const run = runKeyOf(place);
      const first = await reports.list({ run, limit: 3 });
      expect(first.items.map(({ sentAt }) => sentAt)).toEqual([1, 2, 2]);
      const second = await reports.list({ run, limit: 3, after: first.next ?? "" });
      expect(second.items.map(({ sentAt }) => sentAt)).toEqual([3]);
      expect(second.next).toBeNull();
      await expect(reports.list({ run, limit: 3, after: "x" })).rejects.toMatchObject({ code: "CURSOR_INVALID" });
    }));

  it("lists what came, newest first, with what could not be used among it, and what came since", () =>
    withStore(backend, async ({ inbox: { reports, rejected, arrivals } }) => {
      const [first] = await reports.keep([aReport()], 60_000);
      await rejected.add(aRejected({ instance: place.instance }));
      await reports.keep(
        [aReport({ contentHash: "h2", dagId: toDagId("orders"), instance: toInstanceId("us") })],
        60_000,
      );
      const all = await arrivals.list({ limit: 10 });
      expect(all.items.map(({ outcome, instance }) => [outcome, instance])).toEqual([
        ["accepted", "us"],
        ["rejected", "eu"],
        ["accepted", "eu"],
      ]);
      const page = await arrivals.list({ limit: 2 });
      const rest = await arrivals.list({ limit: 2, after: page.next ?? "" });
      expect([...page.items, ...rest.items]).toEqual(all.items);
      expect(rest.next).toBeNull();
      const count = async (query: object) => (await arrivals.list({ limit: 10, ...query })).items.length;
      expect(await count({ since: first?.id })).toBe(2);
      expect(await count({ instances: ["eu"] })).toBe(2);
      expect(await count({ instances: [] })).toBe(0);
      expect(await count({ dagIds: ["orders"] })).toBe(1);
      expect(await count({ outcome: "rejected" })).toBe(1);
      expect(await count({ outcome: "accepted" })).toBe(2);
    }));

  it("keeps the newest word on each part of a run, and of each try of a task, in whatever order they are settled", () =>
    withStore(backend, async ({ inbox }) => {
      const run = runKeyOf(place);
      const detail = (part: ReportedPart, value: string, receivedAt: number): ReportedDetail => ({
        run,
        part,
        value,
        category: part === "error" ? "docker" : null,
        isCut: false,
        receivedAt,
      });
      const task = (state: TaskState, receivedAt: number, changes: Partial<NewReportedTask> = {}): NewReportedTask => ({
        run,
        taskId: toTaskId("load"),
        tryNumber: 1,
        mapIndex: null,
        state,
        startedAt: null,
        endedAt: null,
        hostname: "host",
        pid: 7,
        processEnds: false,
        receivedAt,
        ...changes,
      });
      const settle = (details: readonly ReportedDetail[], tasks: readonly NewReportedTask[]) =>
        inbox.settle({ ids: [], details, tasks, asked: [place], heardAt: 5 });
      const last = [detail("progress", "60", 30), detail("error", "x".repeat(300), 30)];
      const ended = task("success", 30, { processEnds: true, endedAt: "2026-11-21T10:00:00Z" });
      await expect(settle(last, [ended])).resolves.toBeUndefined();
      await settle([detail("progress", "20", 10), detail("results", '{"a":1}', 10)], [task("running", 10)]);
      await settle(last, [task("running", 40, { hostname: null, pid: null })]);
      await settle([], [task("failed", 50, { tryNumber: null })]);
      await settle([], [task("running", 60, { tryNumber: null })]);
      const whole = await inbox.reportedDetails.list([run], "whole");
      expect(Object.fromEntries(whole.map(({ part, value }) => [part, value.length]))).toEqual({
        progress: 2,
        error: 300,
        results: 7,
      });
      const small = await inbox.reportedDetails.list([run], "small");
      expect(Object.fromEntries(small.map(({ part, value, isCut }) => [part, [value.length, isCut]]))).toEqual({
        error: [200, true],
        progress: [2, false],
      });
      expect(await inbox.reportedTasks.list(run)).toEqual([
        expect.objectContaining({ tryNumber: null, state: "running", mapIndex: null }),
        expect.objectContaining({
          tryNumber: 1,
          state: "success",
          hostname: "host",
          pid: 7,
          processEnds: true,
          endedAt: "2026-11-21T10:00:00Z",
        }),
      ]);
      expect(await inbox.confirmations.listDue(place.instance, 500, 10)).toMatchObject([{ heardAt: 5 }]);
    }));

  it("forgets what was reported of tasks and of runs that nobody knows, and reports that are old enough", () =>
    withStore(backend, async ({ inbox, runs }) => {
      const unknown = { ...place, runId: toRunId("unknown") };
      await runs.observe({
        instance: place.instance,
        observations: [{ kind: "heard", ...place, source: "report", at: 1_000, state: "running" }],
      });
      const part = { part: "title", value: "t", category: null, isCut: false, receivedAt: 1_000 } as const;
      await inbox.settle({
        ids: [],
        details: [place, unknown].map((one) => ({ ...part, run: runKeyOf(one) })),
        tasks: [],
        asked: [],
        heardAt: 1,
      });
      await inbox.reports.keep([aReport()], 60_000);
      expect(await inbox.reports.sweep(2_000)).toBe(1);
      expect(await inbox.reports.sweep(2_000)).toBe(0);
      expect(await inbox.reportedDetails.list([runKeyOf(place), runKeyOf(unknown)], "whole")).toMatchObject([
        { run: runKeyOf(place) },
      ]);
      await runs.remove([runKeyOf(place)], "policy");
      expect(await inbox.reportedDetails.list([runKeyOf(place)], "whole")).toEqual([]);
    }));

  it("keeps a rejected message once, counts its deliveries, and forgets the oldest beyond what is kept", () =>
    withStore(backend, async ({ inbox: { rejected } }) => {
      const one = await rejected.add(aRejected({ messageId: "sqs:1" }));
      expect(await rejected.add(aRejected({ messageId: "sqs:1" }))).toMatchObject({ id: one.id, tries: 2 });
      await rejected.add(aRejected());
      await rejected.add(aRejected({ instance: place.instance }));
      expect((await rejected.list({ limit: 10 })).items).toHaveLength(3);
      expect((await rejected.list({ limit: 10, instances: ["eu"] })).items).toHaveLength(1);
      expect((await rejected.list({ limit: 10, instances: [] })).items).toHaveLength(0);
      await rejected.failAgain(one.id, { reasonCode: "REPORT_HOST_UNKNOWN", reason: "nobody" });
      expect(await rejected.find(one.id)).toMatchObject({ tries: 3, reasonCode: "REPORT_HOST_UNKNOWN" });
      expect(await rejected.sweep({ before: 0, keep: 1 })).toBe(2);
      expect((await rejected.list({ limit: 10 })).items.map(({ instance }) => instance)).toEqual(["eu"]);
    }));

  it("asks for one reading per run, and for another when something was heard meanwhile", () =>
    withStore(backend, async ({ inbox: { confirmations } }) => {
      await confirmations.ask(place, 100);
      await confirmations.ask(place, 200);
      await confirmations.ask(place, 150);
      expect(await confirmations.instances()).toEqual(["eu"]);
      expect(await confirmations.listDue(place.instance, 99, 10)).toEqual([]);
      const [due] = await confirmations.listDue(place.instance, 100, 10);
      expect(due).toMatchObject({ ...place, heardAt: 200, tries: 0 });
      await confirmations.ask(place, 300);
      await confirmations.done({ key: runKeyOf(place), heardAt: 200 });
      expect(await confirmations.listDue(place.instance, 500, 10)).toMatchObject([{ heardAt: 300 }]);
      await confirmations.postpone({ key: runKeyOf(place) }, 900);
      expect(await confirmations.listDue(place.instance, 500, 10)).toEqual([]);
      expect(await confirmations.listDue(place.instance, 900, 10)).toMatchObject([{ tries: 1 }]);
      await confirmations.done({ key: runKeyOf(place), heardAt: 300 });
      expect(await confirmations.instances()).toEqual([]);
    }));
});
