import { type Control, isInScope, type KeptEventSource, type Reception } from "@airfleet/control";
import { AirfleetError, toDagId, toInstanceId, toRunId, toRunKey } from "@airfleet/model";

const TIME = 1_700_000_000_000;
const client1 = toInstanceId("client1");

const accepted: Reception = {
  outcome: "accepted",
  instance: client1,
  dagId: "d",
  runId: "r",
  run: toRunKey("run_1"),
  kind: "dag_complete",
};

const source = (id: string): KeptEventSource => ({
  id,
  source: { type: "http", instance: client1, hosts: {}, enabled: true },
  version: 1,
  createdAt: TIME,
  updatedAt: TIME,
  state: null,
});

/** Messages and their sources, all about `client1`. */
export const fakeReports = (): Pick<Control, "reports" | "eventSources"> => ({
  reports: {
    postToInstance: async (_actor, _instance, texts) => texts.map(() => accepted),
    postToSource: async (_actor, _source, texts) => texts.map(() => accepted),
    list: async () => ({
      items: [
        {
          id: "rep_1",
          source: "http",
          messageId: null,
          contentHash: "h",
          instance: client1,
          dagId: toDagId("d"),
          runId: toRunId("r"),
          runKey: toRunKey("run_1"),
          kind: "task_data",
          taskId: "t",
          tryNumber: 1,
          mapIndex: null,
          message: '["any",{"value":1}]',
          isCut: false,
          isError: false,
          sentAt: TIME,
          receivedAt: TIME,
          format: "rikolti",
          runState: "running",
        },
      ],
      next: null,
    }),
    listArrivals: async () => ({
      items: [
        {
          id: "rep_1",
          outcome: "accepted",
          source: "http",
          instance: client1,
          run: toRunKey("run_1"),
          dagId: "d",
          runId: "r",
          format: "native",
          kind: "run_state",
          taskId: null,
          tryNumber: null,
          mapIndex: null,
          runState: "running",
          isError: false,
          reasonCode: null,
          reason: null,
          sentAt: TIME,
          receivedAt: TIME,
        },
      ],
      next: null,
    }),
    listRejected: async () => ({
      items: [
        {
          id: "rej_1",
          source: "http",
          messageId: null,
          instance: client1,
          body: "nonsense",
          isCut: false,
          reasonCode: "REPORT_UNREADABLE",
          reason: "it is not JSON",
          sentAt: null,
          receivedAt: TIME,
          tries: 1,
        },
      ],
      next: null,
    }),
    retry: async (actor, id) => {
      if (id !== "rej_1" || !isInScope(actor, client1))
        throw new AirfleetError("REJECTED_REPORT_UNKNOWN", { report: id });
      return accepted;
    },
    retryAll: async () => ({ tried: 1, accepted: 1, rejected: 0 }),
    drop: async (actor, id) => {
      if (id !== "rej_1" || !isInScope(actor, client1))
        throw new AirfleetError("REJECTED_REPORT_UNKNOWN", { report: id });
    },
  },
  eventSources: {
    list: async () => [source("source-1")],
    get: async (id) => {
      if (id !== "source-1") throw new AirfleetError("DOCUMENT_UNKNOWN", { kind: "event source", id });
      return source(id);
    },
    put: async (_actor, id) => source(id),
    remove: async () => {},
  },
});
