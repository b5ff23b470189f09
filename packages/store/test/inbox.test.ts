import { toDagId, toInstanceId, toRunId } from "@airfleet/model";
import { describe, expect, it } from "vitest";
import type { NewRejectedReport, NewReport } from "../src/index.ts";
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
  it("knows a message by its sender's id for ever, and by its content for a minute", () =>
    withStore(backend, async ({ inbox: { reports } }) => {
      const first = aReport({ messageId: "sns:1" });
      expect(await reports.isKnown(first, 60_000)).toBe(false);
      expect(await reports.add(first)).toMatchObject({ messageId: "sns:1", runKey: runKeyOf(place) });
      expect(await reports.isKnown({ ...first, contentHash: "other", sentAt: 9_000_000 }, 60_000)).toBe(true);
      expect(await reports.isKnown(aReport({ messageId: "sns:2", sentAt: 1_050_000 }), 60_000)).toBe(true);
      expect(await reports.isKnown(aReport({ messageId: "sns:2", sentAt: 1_070_000 }), 60_000)).toBe(false);
      expect(await reports.add(first)).toBeNull();
      expect(await reports.add(aReport())).not.toBeNull();
      expect(await reports.add(aReport())).not.toBeNull();
    }));

  it("lists a run's messages in the order they were sent, page by page", () =>
    withStore(backend, async ({ inbox: { reports } }) => {
      for (const sentAt of [3, 1, 2, 2]) await reports.add(aReport({ sentAt, contentHash: `h${sentAt}` }));
      await reports.add(aReport({ runId: toRunId("other") }));
      const run = runKeyOf(place);
      const first = await reports.list({ run, limit: 3 });
      expect(first.items.map(({ sentAt }) => sentAt)).toEqual([1, 2, 2]);
      const second = await reports.list({ run, limit: 3, after: first.next ?? "" });
      expect(second.items.map(({ sentAt }) => sentAt)).toEqual([3]);
      expect(second.next).toBeNull();
      await expect(reports.list({ run, limit: 3, after: "x" })).rejects.toMatchObject({ code: "CURSOR_INVALID" });
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
