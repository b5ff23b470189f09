import type { Arrival, Control, KeptReportSource } from "@airfleet/control";
import { toInstanceId, toRunKey } from "@airfleet/model";

const TIME = 1_700_000_000_000;
const client1 = toInstanceId("client1");

const refusal: Arrival = {
  seq: 7,
  at: TIME,
  outcome: "refused",
  instance: client1,
  format: null,
  dagId: null,
  runId: null,
  taskId: null,
  state: null,
  code: "REPORT_SIGNATURE_INVALID",
  detail: "its signature does not hold",
  ip: "192.0.2.7",
};

const kept: KeptReportSource = {
  instance: client1,
  terms: {
    unsigned: "refuse",
    keys: [{ type: "secret", key_id: "old", algorithm: "HS256", not_after: "2026-12-01T00:00:00Z" }],
    jwks: { url: "https://keys.example.org/jwks.json", algorithms: ["ES256"] },
    bare_paths: false,
    time_zone: "UTC",
    enabled: true,
  },
  version: 1,
  createdAt: TIME,
  updatedAt: TIME,
  counts: { accepted: 3, duplicates: 1, rejected: 0, refused: 1, acceptedAt: TIME, refusals: [refusal] },
  keysError: null,
};

/** Reports of `client1`, which anybody may send, and the terms on which they are believed. */
export const fakeReportSources = (): Pick<Control, "reportSources" | "signedReports"> => ({
  reportSources: {
    list: async () => [kept],
    get: async () => kept,
    put: async () => kept,
    remove: async () => {},
    arrivals: () => ({ server: "s1", arrivals: [refusal] }),
  },
  signedReports: {
    receive: async () => [{ eventId: "event-0001", outcome: "accepted", run: toRunKey("run_1") }],
    receiveOld: async () => {},
    bareInstance: () => client1,
  },
});
