import type { Control, KeptRetentionPolicy, KeptSubjectRule } from "@airfleet/control";
import { AirfleetError, RetentionPolicy, type RunKey, SubjectRule, toRunKey } from "@airfleet/model";
import type { RuleApplication, StoredRun, StoredSubject, SubjectRun } from "@airfleet/store";

const AT = 1_700_000_000_000;

const lastRun: SubjectRun = {
  key: toRunKey("run_1"),
  instance: "client1",
  dagId: "orders",
  runId: "run-1",
  state: "success",
  dueAt: AT,
  startedAt: AT,
  endedAt: AT,
};

const subject: StoredSubject = {
  type: "thing",
  id: "1",
  label: "One",
  url: null,
  state: "success",
  lastSuccess: lastRun,
  currentRun: null,
  lastFailure: null,
  newestRun: lastRun,
  pendingTriggers: [],
  counts: { total: 1, success: 1, failed: 0, active: 0 },
  firstSeenAt: AT,
  changedAt: AT,
};

const tally = { matchedRuns: 1, subjects: 1, failures: 0, lastMatchedAt: AT, lastError: null, lastErrorAt: null };
const times = { createdAt: AT, updatedAt: AT };
const keptRule: KeptSubjectRule = {
  id: "rule-1",
  version: 1,
  rule: SubjectRule.parse({ dags: ["*"], subjects: [{ type: "thing", id: "{{ conf.id }}" }] }),
  tally,
  ...times,
};
const keptPolicy: KeptRetentionPolicy = {
  id: "policy-1",
  version: 1,
  policy: RetentionPolicy.parse({ rule: { keep: "last_n", n: 3 } }),
  ...times,
};
const work: RuleApplication = {
  id: "rap_1",
  state: "done",
  actor: "local",
  rules: [{ id: "rule-1", body: {} }],
  instances: ["client1"],
  position: null,
  examinedRuns: 1,
  matchedRuns: 1,
  addedSubjects: 1,
  failures: 0,
  lastError: null,
  finishedAt: AT,
  ...times,
};

/** Subjects, rules and policies of which there is one each. @param run The one run there is. */
export const fakeSubjects = (run: StoredRun): Pick<Control, "subjects" | "subjectRules" | "retention"> => ({
  subjects: {
    list: async () => ({ items: [subject], next: null }),
    get: async () => subject,
    lookup: async (subjects) => subjects.map(() => subject),
    runs: async () => ({ items: [run], next: null }),
    describe: async () => subject,
    remove: async () => {},
    run: async (key: RunKey) => {
      if (key !== "run_1") throw new AirfleetError("RUN_KEY_UNKNOWN", { run: key });
      return run;
    },
    ofRun: async () => ({ items: [{ type: "thing", id: "1" }], next: null }),
    addToRun: async () => 1,
    removeFromRun: async () => {},
  },
  subjectRules: {
    list: async () => [keptRule],
    find: async () => keptRule,
    create: async () => keptRule,
    update: async () => keptRule,
    remove: async () => {},
    match: async () => ({
      examinedRuns: 1,
      isPartial: false,
      matchedRuns: 1,
      subjectsFound: 1,
      failures: 0,
      firstFailure: null,
      samples: [{ run, subjects: [{ type: "thing", id: "1" }], subjectsTotal: 1, problem: null }],
    }),
    apply: async () => work,
    applications: async () => [work],
    application: async () => work,
    cancel: async () => work,
  },
  retention: {
    list: async () => [keptPolicy],
    find: async () => keptPolicy,
    create: async () => keptPolicy,
    update: async () => keptPolicy,
    remove: async () => {},
    preview: async () => ({
      lookedAt: 1,
      isPartial: false,
      wouldGo: 1,
      byPolicy: { "policy-1": 1 },
      samples: [
        {
          ...lastRun,
          reasons: [{ policy: "policy-1", subject: null }],
          reasonsTotal: 1,
        },
      ],
    }),
    sweepNow: async () => {},
    runningSweep: async () => ({ startedAt: AT, notedAt: AT, lookedAt: 1, removed: 1 }),
    lastSweep: async () => ({ startedAt: AT, finishedAt: AT, lookedAt: 1, removed: 1 }),
  },
});
