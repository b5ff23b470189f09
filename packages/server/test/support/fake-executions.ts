import type { Control } from "@airfleet/control";
import { AirfleetError, toDagId, toInstanceId, toRunId, toRunKey } from "@airfleet/model";

type Execution = Awaited<ReturnType<Control["executions"]["get"]>>;
type Schedule = Awaited<ReturnType<Control["schedules"]["get"]>>;

const TIME = 1_700_000_000_000;
const PIPELINE = "3b9c1f0e-5a44-4d0b-9d6e-0c2f4f6c7a11";

const execution: Execution = {
  id: "5d0c8a56-3a52-4c7e-9b0a-0f2f6d1c9e22",
  pipeline: PIPELINE,
  revision: 1,
  artifactHash: "a",
  instance: toInstanceId("client1"),
  dagId: toDagId("pipeline_3b9c1f0e"),
  runId: toRunId("airfleet_x"),
  runKey: toRunKey(`run_${"a".repeat(52)}`),
  trigger: null,
  schedule: null,
  tick: null,
  triggerType: "manual",
  triggeredBy: "local",
  isDiscovered: false,
  status: "pending",
  stage: "preparing",
  stageNote: null,
  startedAt: null,
  completedAt: null,
  params: {},
  engineState: null,
  result: null,
  error: null,
  metrics: null,
  cancelledBy: null,
  cancelledAt: null,
  attempts: 0,
  deadlineAt: null,
  requestHash: null,
  createdAt: TIME,
  updatedAt: TIME,
};

const shown: Schedule = {
  schedule: {
    id: "0d3c8a56-3a52-4c7e-9b0a-0f2f6d1c9e33",
    pipeline: PIPELINE,
    name: "nightly",
    description: null,
    definition: {
      frequency: "daily",
      timeZone: "UTC",
      startDate: null,
      endDate: null,
      times: { minute: 0, hour: 2, daysOfWeek: [], dayOfMonth: 1, cronExpression: null, intervalSeconds: null },
      missed: "latest",
      instance: null,
      environment: null,
      kept: {},
    },
    params: {},
    isActive: true,
    runBy: "airfleet",
    isPrimary: false,
    epoch: 1,
    anchor: TIME,
    nextTick: TIME,
    lastTick: null,
    version: 1,
    createdBy: "local",
    createdAt: TIME,
    updatedAt: TIME,
  },
  cron: "0 2 * * *",
  dagId: "pipeline_3b9c1f0e",
  nextRunAt: TIME,
  tally: { total: 0, successful: 0, failed: 0, lastAt: null },
  reason: null,
  isSynced: null,
};

const ticket = { execution, isReplay: false };
const webhook = {
  pipeline: PIPELINE,
  token: "t",
  secret: "whsec_c2VjcmV0",
  place: {},
  isSigned: false,
  createdAt: TIME,
};

const findExecution = (id: string): Execution => {
  if (id !== execution.id) throw new AirfleetError("EXECUTION_UNKNOWN", { execution: id });
  return execution;
};
const findSchedule = (id: string): Schedule => {
  if (id !== shown.schedule.id) throw new AirfleetError("SCHEDULE_UNKNOWN", { schedule: id });
  return shown;
};

/** One pending execution on `client1`, one schedule and one webhook, to which everything leads. */
export const fakeExecutions = (): Pick<Control, "executions" | "schedules" | "pipelineWebhooks"> => ({
  executions: {
    execute: async () => ticket,
    get: async (id) => findExecution(id),
    list: async () => ({ items: [execution], next: null, total: 1, totalIsMinimum: false }),
    monitor: async (id) => findExecution(id),
    cancel: async (id) => findExecution(id),
    logs: async (id) => ({ execution: findExecution(id), logs: [], error: null }),
  },
  schedules: {
    create: async () => shown,
    get: async (id) => findSchedule(id),
    list: async () => ({ items: [shown], next: null }),
    count: async () => 1,
    stats: async () => ({ total: 1, active: 1, byEngine: 0, byAirfleet: 1 }),
    update: async (_actor, id) => findSchedule(id),
    remove: async (_actor, id) => void findSchedule(id),
    trigger: async () => ticket,
    sync: async (_actor, id) => findSchedule(id),
    next: async () => [TIME],
  },
  pipelineWebhooks: {
    get: async () => webhook,
    rotate: async () => webhook,
    revoke: async () => undefined,
    receive: async () => ticket,
  },
});
