import { CreateQueueCommand, GetQueueAttributesCommand, SendMessageCommand, SQSClient } from "@aws-sdk/client-sqs";
import { toDagId, toInstanceId, toRunId } from "@airfleet/model";
import { runKeyOf, type Store } from "@airfleet/store";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type RunningMoto, startMoto } from "../../../../tools/engines/src/index.ts";
import type { Control } from "../../src/index.ts";
import { FakeInstance } from "../fake-instance.ts";
import { actor, aFleet, aStore, eventually, unreachable } from "../fleet-fixture.ts";

let moto: RunningMoto;
let sqs: SQSClient;
let queueUrl: string;

beforeAll(async () => {
  moto = await startMoto();
  const credentials = { accessKeyId: "test", secretAccessKey: "test" };
  sqs = new SQSClient({ endpoint: moto.url, region: "us-west-2", credentials });
}, 300_000);
afterAll(async () => {
  sqs.destroy();
  await moto[Symbol.asyncDispose]();
});
let queues = 0;
beforeEach(async () => {
  const QueueName = `rikolti-events-${(queues += 1)}`;
  queueUrl = (await sqs.send(new CreateQueueCommand({ QueueName }))).QueueUrl ?? "";
});

const source = (changes: object = {}) => ({
  type: "sqs" as const,
  queue_url: queueUrl,
  region: "us-west-2",
  endpoint: moto.url,
  credentials: { type: "keys" as const, access_key_id: "test", secret_access_key: "test" },
  wait_seconds: 1,
  visibility_seconds: 10,
  hosts: {},
  enabled: true,
  ...changes,
});

const message = (runId: string, content: unknown, host = "http://eu.example") => ({
  dag_id: "harvest",
  dag_run_id: runId,
  dag_run_conf: { collection_id: "1" },
  host,
  rikolti_message: content,
});

const send = async (body: string): Promise<void> =>
  void (await sqs.send(new SendMessageCommand({ QueueUrl: queueUrl, MessageBody: body })));

const sendNotification = (id: string, content: object): Promise<void> =>
  send(
    JSON.stringify({
      Type: "Notification",
      MessageId: id,
      Message: JSON.stringify(content),
      Timestamp: new Date().toISOString(),
    }),
  );

/** Messages in the queue, those too that somebody has taken and not deleted. */
const depth = async (): Promise<number> => {
  const { Attributes = {} } = await sqs.send(
    new GetQueueAttributesCommand({
      QueueUrl: queueUrl,
      AttributeNames: ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"],
    }),
  );
  return (
    Number(Attributes["ApproximateNumberOfMessages"]) + Number(Attributes["ApproximateNumberOfMessagesNotVisible"])
  );
};

/** The stand-in for SQS runs on this machine. */
const near = { settings: { networkAllow: ["127.0.0.0/8"] } };

const aReadFleet = async (): Promise<{
  readonly control: Control;
  readonly store: Store;
  readonly fake: FakeInstance;
}> => {
  const fake = new FakeInstance("eu");
  fake.fault = () => Promise.reject(unreachable("eu"));
  return { ...(await aFleet([fake], near)), fake };
};

const runOf = (store: Store, runId: string) =>
  store.runs.find(runKeyOf({ instance: toInstanceId("eu"), dagId: toDagId("harvest"), runId: toRunId(runId) }));

describe("a queue of events", () => {
  it("is read, and each message deleted once it was taken in; poison goes apart and blocks nobody", async () => {
    const { control, store } = await aReadFleet();
    await send("this is not json");
    await sendNotification("n1", message("r1", { vernacular_version: "1" }));
    await sendNotification("n2", message("r2", { dag_complete: true }, "http://mars.example"));
    await send(JSON.stringify(message("r3", { dag_complete: false, error: true, reason: "x" })));
    await sendNotification("n4", message("r1", { dag_complete: true }));
    control.startReconcilers();
    await control.eventSources.put(actor, "rikolti", source(), undefined);
    await eventually(async () => (await depth()) === 0);
    // A message is deleted when it is kept; its run is told right after that.
    await eventually(async () => (await runOf(store, "r1"))?.record.state === "success");
    await eventually(async () => (await runOf(store, "r3"))?.record.state === "failed");
    const { items } = await control.reports.listRejected(actor, { limit: 10 });
    expect(items.map(({ reasonCode }) => reasonCode).toSorted()).toEqual(["REPORT_HOST_UNKNOWN", "REPORT_UNREADABLE"]);
    expect(await control.eventSources.get("rikolti")).toMatchObject({
      state: { isReading: true, received: 5, rejected: 2, error: null },
    });
  });

  it("drops what it delivers again", async () => {
    const { control } = await aReadFleet();
    await sendNotification("same", message("r9", { dag_complete: true }));
    await sendNotification("same", message("r9", { dag_complete: true }));
    control.startReconcilers();
    await control.eventSources.put(actor, "rikolti", source(), undefined);
    await eventually(async () => (await depth()) === 0);
    const run = runKeyOf({ instance: toInstanceId("eu"), dagId: toDagId("harvest"), runId: toRunId("r9") });
    expect((await control.reports.list({ run, limit: 10 })).items).toHaveLength(1);
  });

  it("keeps a message until it is taken in: what our store refuses comes again", async () => {
    const store = await aStore();
    let failures = 0;
    const { reports } = store.inbox;
    const flaky: Store = {
      ...store,
      inbox: {
        ...store.inbox,
        reports: {
          ...reports,
          keep: async (given, withinMs) => {
            failures += 1;
            if (failures === 1) throw new Error("the disk is full");
            return reports.keep(given, withinMs);
          },
        },
      },
    };
    const fake = new FakeInstance("eu");
    fake.fault = () => Promise.reject(unreachable("eu"));
    const { control } = await aFleet([fake], { store: flaky, ...near });
    await sendNotification("again", message("r5", { dag_complete: true }));
    control.startReconcilers();
    await control.eventSources.put(actor, "rikolti", source(), undefined);
    await eventually(async () => (await depth()) === 0 && failures === 2);
    await eventually(async () => (await runOf(store, "r5")) !== undefined);
    expect((await runOf(store, "r5"))?.record.state).toBe("success");
  });

  it("says what is wrong with a queue that cannot be read, and starts over when its definition is mended", async () => {
    const { control, store } = await aReadFleet();
    control.startReconcilers();
    await control.eventSources.put(actor, "rikolti", source({ queue_url: `${queueUrl}-nowhere` }), undefined);
    await eventually(async () => (await control.eventSources.get("rikolti")).state?.error !== null);
    expect((await control.eventSources.get("rikolti")).state?.error?.message).toContain("QueueDoesNotExist");
    await sendNotification("mended", message("r7", { dag_complete: true }));
    await control.eventSources.put(actor, "rikolti", source(), 1);
    await eventually(async () => (await runOf(store, "r7"))?.record.state === "success");
    await control.eventSources.put(actor, "rikolti", source({ enabled: false }), 2);
    await eventually(async () => (await control.eventSources.get("rikolti")).state === null);
  });

  it("is read by one process at a time", async () => {
    const store = await aStore();
    const shared: Store = { ...store, sharedByProcesses: true };
    const fleets = await Promise.all([1, 2].map(() => aFleet([new FakeInstance("eu")], { store: shared, ...near })));
    for (const { control } of fleets) control.startReconcilers();
    await fleets[0].control.eventSources.put(actor, "rikolti", source(), undefined);
    const readers = async (): Promise<number> => {
      const states = await Promise.all(fleets.map(({ control }) => control.eventSources.get("rikolti")));
      return states.filter(({ state }) => state?.isReading === true).length;
    };
    await eventually(async () => (await readers()) === 1);
    await eventually(async () => {
      const states = await Promise.all(fleets.map(({ control }) => control.eventSources.get("rikolti")));
      return states.every(({ state }) => state !== null);
    });
    expect(await readers()).toBe(1);
  });
});
