import { isAirfleetError, toInstanceId } from "@airfleet/model";
import { runKeyOf, type Store } from "@airfleet/store";
import { describe, expect, it } from "vitest";
import { findInstanceByHost } from "../src/inbox/find-instance.ts";
import { readEnvelope } from "../src/inbox/read-envelope.ts";
import { readReport } from "../src/inbox/read-report.ts";
import type { Control } from "../src/index.ts";
import { aRun, FakeInstance } from "./fake-instance.ts";
import { actor, aFleet, eventually, unreachable } from "./fleet-fixture.ts";

const bare = (changes: Readonly<Record<string, unknown>> = {}) => ({
  version: "1.0",
  dag_id: "harvest_collection",
  dag_run_id: "manual__2026-11-20T03:00:00+00:00",
  logical_date: "2026-11-20T03:00:00+00:00",
  dag_run_conf: { collection_id: "27414" },
  host: "http://eu.example",
  task_id: "fetch",
  try_number: 1,
  map_index: -1,
  rikolti_message: { vernacular_version: "27414/v1" },
  ...changes,
});

const complete = bare({ rikolti_message: { dag_complete: true } });
const failure = bare({ rikolti_message: { dag_complete: false, error: true, reason: "Unknown reason" } });

let messages = 0;
const envelope = (message: object, changes: Readonly<Record<string, unknown>> = {}): string =>
  JSON.stringify({
    Type: "Notification",
    MessageId: `m${(messages += 1)}`,
    TopicArn: "arn:aws:sns:us-west-2:123:rikolti",
    Message: JSON.stringify(message),
    Timestamp: new Date().toISOString(),
    ...changes,
  });

const codeOf = (work: () => unknown): string => {
  try {
    work();
  } catch (error) {
    if (isAirfleetError(error)) return error.code;
    throw error;
  }
  return "none";
};

const asking = (SubscribeURL: string): string => {
  try {
    readEnvelope(JSON.stringify({ Type: "SubscriptionConfirmation", SubscribeURL }));
  } catch (error) {
    return (error as Error).message;
  }
  return "";
};

describe("a message", () => {
  it("of every kind is understood, with the publisher's own content", () => {
    const kinds = [
      [complete, "dag_complete", "success", false],
      [failure, "dag_failure", "failed", true],
      [bare({ rikolti_message: { error: true, exception: "E", traceback: "t" } }), "task_failure", "running", true],
      [bare(), "task_data", "running", false],
      [bare({ rikolti_message: [{ page: 1, status: "ok" }] }), "task_data", "running", false],
      [bare({ rikolti_message: "27414/v1" }), "task_data", "running", false],
      [bare({ rikolti_message: undefined }), "task_data", "running", false],
    ] as const;
    for (const [body, kind, state, isError] of kinds) expect(readReport(body)).toMatchObject({ kind, state, isError });
    expect(readReport(bare({ rikolti_message: [1] })).message).toBe("[1]");
  });

  it("about the whole run needs no task, and loses the one that happened to send it", () => {
    const { task_id: _task, try_number: _try, map_index: _index, ...withoutTask } = complete;
    for (const body of [withoutTask, complete]) {
      expect(readReport(body)).toMatchObject({ taskId: null, tryNumber: null, mapIndex: null, state: "success" });
    }
    expect(readReport(bare({ map_index: -1 })).mapIndex).toBeNull();
    expect(readReport(bare({ map_index: "3", try_number: "2" }))).toMatchObject({ mapIndex: 3, tryNumber: 2 });
  });

  it("may have no date, or one that nobody can read, and a conf as text", () => {
    expect(readReport(bare()).logicalDate).toBe("2026-11-20T03:00:00.000Z");
    for (const date of [null, "yesterday", 7, "2026-11-20"]) {
      expect(readReport(bare({ logical_date: date })).logicalDate).toBeNull();
    }
    expect(readReport(bare({ dag_run_conf: '{"collection_id": 5}' })).conf).toEqual({ collection_id: 5 });
    for (const conf of [[1], "x", "{", null]) expect(readReport(bare({ dag_run_conf: conf })).conf).toBeNull();
  });

  it.each([
    ["not json", "REPORT_UNREADABLE"],
    ["[1]", "REPORT_UNREADABLE"],
    ['"text"', "REPORT_UNREADABLE"],
    ["null", "REPORT_UNREADABLE"],
    ['{"a":{"__proto__":{"admin":true}}}', "REPORT_UNREADABLE"],
    [`{"a":${"[".repeat(100)}${"]".repeat(100)}}`, "REPORT_TOO_LARGE"],
    [`{"a":"${"x".repeat(1_100_000)}"}`, "REPORT_TOO_LARGE"],
    [JSON.stringify({ Type: "Notification", Message: { dag_id: "x" } }), "REPORT_UNREADABLE"],
    [JSON.stringify({ Type: "Notification", Message: '{"__proto__":1}' }), "REPORT_UNREADABLE"],
    [JSON.stringify({ Type: "SubscriptionConfirmation", SubscribeURL: "https://x" }), "REPORT_CONFIRMATION_NEEDED"],
    ['{"dag_id":"d"}', "REPORT_INCOMPLETE"],
    ['{"dag_id":7,"dag_run_id":"r"}', "REPORT_INCOMPLETE"],
    [`{"dag_id":"d","dag_run_id":"${"r".repeat(251)}"}`, "REPORT_INCOMPLETE"],
  ])("that cannot be used is refused with its reason: %.60s", (text, code) => {
    expect(codeOf(() => readReport(readEnvelope(text).body))).toBe(code);
  });

  it("that wants a subscription confirmed names the address only where it is AWS's own", () => {
    expect(asking("https://sns.us-west-2.amazonaws.com/?Action=ConfirmSubscription&Token=t")).toContain("Token=t");
    for (const url of [
      "http://sns.us-west-2.amazonaws.com/",
      "https://sns.us-west-2.amazonaws.com.evil.org/",
      "https://sns.us-west-2.amazonaws.com:8443/",
      "http://169.254.169.254/latest/meta-data",
    ]) {
      expect(asking(url)).not.toContain(url);
      expect(asking(url)).toMatch(/confirmed\. Do not open the address/);
    }
  });

  it("finds its instance by host, with or without scheme, port and prefix", () => {
    const eu = toInstanceId("eu");
    const us = toInstanceId("us");
    const known = [
      { id: eu, url: "https://airflow.example.org/eu" },
      { id: us, url: "https://airflow.example.org/us/" },
      { id: toInstanceId("mwaa"), url: "https://abc.c2.us-west-2.airflow.amazonaws.com" },
    ];
    const find = (host: string | null, hosts = {}) => findInstanceByHost(host, hosts, known);
    expect(find("https://Airflow.example.org:443/eu/")).toBe("eu");
    expect(find("abc.c2.us-west-2.airflow.amazonaws.com")).toBe("mwaa");
    expect(find("https://abc.c2.us-west-2.airflow.amazonaws.com/home")).toBe("mwaa");
    expect(find("https://old.example.org", { "old.example.org": us })).toBe("us");
    expect(codeOf(() => find("https://airflow.example.org"))).toBe("REPORT_HOST_AMBIGUOUS");
    expect(codeOf(() => find("https://mars.example.org"))).toBe("REPORT_HOST_UNKNOWN");
    expect(codeOf(() => find("::::"))).toBe("REPORT_HOST_UNKNOWN");
    expect(codeOf(() => find(null))).toBe("REPORT_INCOMPLETE");
  });
});

const place = {
  instance: toInstanceId("eu"),
  dagId: readReport(complete).dagId,
  runId: readReport(complete).runId,
};
const key = runKeyOf(place);

const stateOf = async (store: Store) => (await store.runs.find(key))?.record.state;
const post = (control: Control, ...texts: readonly string[]) =>
  control.reports.postToInstance(actor, place.instance, texts);
const waiting = async (store: Store) =>
  (await store.inbox.confirmations.listDue(place.instance, Date.now() + 9e9, 10)).length;

const at = (secondsAgo: number) => ({ Timestamp: new Date(Date.now() - secondsAgo * 1_000).toISOString() });

describe("the inbox", () => {
  it("makes a run of which nobody had heard, with its conf, and keeps what was said of it", async () => {
    const { control, store } = await aFleet([new FakeInstance("eu")], { settings: { poll: false } });
    expect(await post(control, envelope(bare()), envelope(failure))).toMatchObject([
      { outcome: "accepted", run: key, kind: "task_data" },
      { outcome: "accepted", run: key, kind: "dag_failure" },
    ]);
    const run = await store.runs.find(key);
    expect(run).toMatchObject({ discoveredBy: "report", record: { state: "failed", read: null } });
    expect(run?.record.heard?.conf).toEqual({ collection_id: "27414" });
    const { items } = await control.reports.list({ run: key, limit: 10 });
    expect(items.map(({ kind, isError, taskId }) => [kind, isError, taskId])).toEqual([
      ["task_data", false, "fetch"],
      ["dag_failure", true, null],
    ]);
    expect(JSON.parse(items[1].message)).toEqual({ dag_complete: false, error: true, reason: "Unknown reason" });
  });

  it("never lets a late or repeated message flip a finished run", async () => {
    const { control, store } = await aFleet([new FakeInstance("eu")], { settings: { poll: false } });
    await post(control, envelope(complete, at(10)));
    await post(control, envelope(bare({ rikolti_message: "late" }), at(30)));
    await post(control, envelope(bare({ rikolti_message: "after the end" }), at(1)));
    await post(control, envelope(failure, at(60)));
    expect(await stateOf(store)).toBe("success");
  });

  it("drops what is delivered again, by the topic's id and by content", async () => {
    const { control } = await aFleet([new FakeInstance("eu")], { settings: { poll: false } });
    const one = envelope(complete);
    expect(await post(control, one, one, envelope(complete), JSON.stringify(complete))).toMatchObject([
      { outcome: "accepted" },
      { outcome: "duplicate" },
      { outcome: "duplicate" },
      { outcome: "duplicate" },
    ]);
    expect((await control.reports.list({ run: key, limit: 10 })).items).toHaveLength(1);
  });

  it("reads a run once that it was told of, and believes the engine", async () => {
    const fake = new FakeInstance("eu").addRun(
      aRun(place.dagId, place.runId, { state: "running", engineState: "running" }),
    );
    const { control, store } = await aFleet([fake], { config: { limits: { sweep_seconds: 3_600 } } });
    await post(
      control,
      envelope(bare({ rikolti_message: 1 })),
      envelope(bare({ rikolti_message: 2 })),
      envelope(complete),
    );
    expect(await stateOf(store)).toBe("success");
    control.startReconcilers();
    await eventually(async () => (await waiting(store)) === 0);
    expect(await stateOf(store)).toBe("running");
    expect(fake.count("getRun")).toBeLessThanOrEqual(1);
  });

  it("lets stand what it heard of an instance that cannot be read", async () => {
    const fake = new FakeInstance("eu");
    fake.fault = () => Promise.reject(unreachable("eu"));
    const { control, store } = await aFleet([fake]);
    control.startReconcilers();
    await post(control, envelope(complete));
    await eventually(() => fake.count("getRun") > 0);
    expect(await stateOf(store)).toBe("success");
    expect(await waiting(store)).toBe(1);
  });

  it("puts apart what cannot be used, tries it again when something has changed, and drops it when told to", async () => {
    const { control, store } = await aFleet([new FakeInstance("eu")], { settings: { poll: false } });
    await control.eventSources.put(actor, "topic", { type: "http", hosts: {}, enabled: true }, undefined);
    const elsewhere = bare({ host: "https://old.example.org" });
    const receptions = await control.reports.postToSource(actor, "topic", [
      "nonsense",
      envelope(elsewhere),
      envelope(complete),
    ]);
    expect(receptions.map(({ outcome }) => outcome)).toEqual(["rejected", "rejected", "accepted"]);
    const { items } = await control.reports.listRejected(actor, { limit: 10 });
    expect(items.map(({ reasonCode, source }) => [reasonCode, source])).toEqual([
      ["REPORT_UNREADABLE", "topic"],
      ["REPORT_HOST_UNKNOWN", "topic"],
    ]);
    const narrow = { ...actor, instances: ["eu"] };
    expect((await control.reports.listRejected(narrow, { limit: 10 })).items).toEqual([]);
    await expect(control.reports.drop(narrow, items[0].id)).rejects.toMatchObject({ code: "REJECTED_REPORT_UNKNOWN" });

    expect(await control.reports.retry(actor, items[1].id)).toMatchObject({ outcome: "rejected" });
    const hosts = { "old.example.org": place.instance };
    await control.eventSources.put(actor, "topic", { type: "http", hosts, enabled: true }, 1);
    expect(await control.reports.retryAll(actor)).toEqual({ tried: 2, accepted: 1, rejected: 1 });
    await control.reports.drop(actor, items[0].id);
    expect((await control.reports.listRejected(actor, { limit: 10 })).items).toEqual([]);
    const { items: trail } = await store.audit.list({ limit: 50 });
    expect(trail.map(({ verb }) => verb)).toEqual(
      expect.arrayContaining(["report:receive", "report:retry", "report:drop"]),
    );
  });

  it("speaks only of instances that the sender may know of", async () => {
    const { control } = await aFleet([new FakeInstance("eu"), new FakeInstance("us")], { settings: { poll: false } });
    await control.eventSources.put(actor, "topic", { type: "http", hosts: {}, enabled: true }, undefined);
    const narrow = { ...actor, instances: ["us"] };
    expect(await control.reports.postToSource(narrow, "topic", [envelope(complete)])).toMatchObject([
      { outcome: "rejected", error: { code: "REPORT_HOST_UNKNOWN" } },
    ]);
    await expect(control.reports.postToSource(actor, "nobody", ["{}"])).rejects.toMatchObject({
      code: "DOCUMENT_UNKNOWN",
    });
  });

  it("keeps a queue's key to itself, and refuses a source that leads nowhere or to the machine itself", async () => {
    const { control, store } = await aFleet([new FakeInstance("eu")], { settings: { poll: false } });
    const queue = {
      type: "sqs",
      queue_url: "https://sqs.us-west-2.amazonaws.com/1/q",
      credentials: { type: "keys", access_key_id: "AKIA", secret_access_key: "canary-key" },
      wait_seconds: 20,
      visibility_seconds: 60,
      hosts: {},
      enabled: true,
    } as const;
    const made = await control.eventSources.put(actor, "q", queue, undefined);
    expect(JSON.stringify([made, await store.audit.list({ limit: 9 })])).not.toContain("canary-key");
    expect((await store.documents.find("event_source", "q"))?.secret).toEqual({ secret_access_key: "canary-key" });
    const changed = { ...queue, credentials: { type: "keys", access_key_id: "AKIB" } } as const;
    await control.eventSources.put(actor, "q", changed, 1);
    expect((await store.documents.find("event_source", "q"))?.secret).toEqual({ secret_access_key: "canary-key" });
    const refused = [
      { ...queue, instance: toInstanceId("mars") },
      { ...queue, hosts: { x: toInstanceId("mars") } },
      changed,
    ];
    for (const source of refused) {
      await expect(control.eventSources.put(actor, "new", source, undefined)).rejects.toMatchObject({
        code: "REQUEST_INVALID",
      });
    }
    const uncalled = [
      { ...queue, queue_url: "http://169.254.169.254/latest" },
      { ...queue, queue_url: "http://169.254.43518/" },
      { ...queue, queue_url: "https://10.0.0.7/1/q" },
      { ...queue, queue_url: "http://queue.example/1/q" },
      { ...queue, queue_url: "https://localhost/1/q" },
      { ...queue, endpoint: "http://[fd00:ec2::254]/" },
      { ...queue, endpoint: "https://[::ffff:a9fe:a9fe]/" },
    ];
    for (const source of uncalled) {
      await expect(control.eventSources.put(actor, "new", source, undefined)).rejects.toMatchObject({
        code: "ADDRESS_REFUSED",
      });
    }
  });
});
