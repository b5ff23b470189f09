import type { Action, ActionIntent, Actor, Control, FleetInstance, Token } from "@airfleet/control";
import { isInScope } from "@airfleet/control";
import { fakeAlerts, fakeWebhooks } from "./fake-outgoing.ts";
import { fleetRun } from "./fleet-run-sample.ts";
import { fakeSubjects } from "./fake-subjects.ts";
import { fakeTriggerKeys } from "./fake-trigger-keys.ts";
import { fakeStops } from "./fake-stops.ts";
import { fakeTriggers } from "./fake-triggers.ts";
import { fakeExecutions } from "./fake-executions.ts";
import { fakeDeployments } from "./fake-deployments.ts";
import { fakePipelines } from "./fake-pipelines.ts";
import type { NativeRead } from "@airfleet/engine";
import { AirfleetError, toDagId, toInstanceId, toRunId } from "@airfleet/model";
import { fakeReports } from "./fake-reports.ts";
import { fakeReportSources } from "./fake-report-sources.ts";

/** An instance as the fleet shows it. */
export const instanceOf = (id: string, fields: Partial<FleetInstance> = {}): FleetInstance => ({
  id: toInstanceId(id),
  name: `Airflow ${id}`,
  description: null,
  engine: "airflow",
  url: `http://${id}.example.org:8080`,
  enabled: true,
  tier: "development",
  labels: {},
  authType: "basic",
  username: "airflow",
  tlsInsecure: false,
  source: "config/clients.json",
  version: 1,
  removed: false,
  status: {
    state: "healthy",
    version: "2.11.2",
    generation: 2,
    support: "tested",
    latencyMs: 12,
    clockSkewMs: 0,
    health: { healthy: true, components: [] },
    breaker: "closed",
    observedAt: 1_700_000_000_000,
    dagsObservedAt: 1_700_000_000_000,
    stale: false,
    error: null,
  },
  ...fields,
});

/** What a test decides, and what it can look at afterwards. */
export interface FakeWorld {
  instances: FleetInstance[];
  tokens: Map<string, Actor>;
  native: (instance: string, read: NativeRead, signal?: AbortSignal) => Promise<string>;
  /** Fields of the action that a performed intent ends as. */
  act: (intent: ActionIntent) => Partial<Action>;
  logLines: AsyncGenerator<{ at: null; level: null; source: null; text: string }>;
  ready: boolean;
  readonly performed: ActionIntent[];
  readonly denied: string[];
  readonly created: Token[];
}

const TOKEN_TIMES = { createdAt: 1_700_000_000_000, expiresAt: null, lastUsedAt: null, revokedAt: null };

const toAction = (actor: Actor, intent: ActionIntent, fields: Partial<Action>): Action => ({
  id: "act_1",
  verb: intent.verb,
  state: "done",
  actor: actor.id,
  instance: intent.instance,
  dagId: "dagId" in intent ? intent.dagId : null,
  runId: "runId" in intent && intent.runId !== undefined ? toRunId(intent.runId) : null,
  taskId: "taskId" in intent ? intent.taskId : null,
  mapIndex: null,
  request: {},
  before: null,
  after: {},
  warnings: [],
  error: null,
  attempts: 1,
  createdAt: 1_700_000_000_000,
  finishedAt: 1_700_000_000_001,
  triggerId: null,
  ...fields,
});

async function* noLines(): AsyncGenerator<never> {}

const unexpected = (what: string) => (): never => {
  throw new Error(`the test does not expect ${what}`);
};

/** A Control without store and engines: what it answers is what the test says. */
export const createFakeControl = (overrides: Partial<FakeWorld> = {}): { control: Control; world: FakeWorld } => {
  const world: FakeWorld = {
    instances: [instanceOf("client1"), instanceOf("client3")],
    tokens: new Map(),
    native: async () => '{"dags":[],"total_entries":0}',
    act: () => ({}),
    logLines: noLines(),
    ready: true,
    performed: [],
    denied: [],
    created: [],
    ...overrides,
  };
  const get = (id: string): FleetInstance => {
    const found = world.instances.find((instance) => instance.id === id);
    if (found === undefined) throw new AirfleetError("INSTANCE_UNKNOWN", { instance: id, known: [] });
    return found;
  };
  const control: Control = {
    instances: {
      list: () => world.instances,
      get,
      create: async (_actor, config) => instanceOf(config.id, { source: "stored" }),
      update: async (_actor, id) => get(id),
      remove: async () => {},
      probe: async (id) => ({ instance: get(id), probe: null }),
      reload: async () => {},
    },
    fleet: {
      listDags: async () => ({ items: [], next: null, instances: [] }),
      getDag: async (dagId) => {
        throw new AirfleetError("DAG_UNKNOWN", { dag_id: dagId, instance: "fleet" });
      },
    },
    live: {
      dag: async (instance, dagId) => {
        throw new AirfleetError("DAG_UNKNOWN", { dag_id: dagId, instance });
      },
      source: async () => "print()",
      graph: async () => [],
      versions: async () => [],
      importErrors: async () => [],
      runs: async () => ({ items: [], next: null, total: 0 }),
      run: async (instance, { dagId, runId }) => {
        throw new AirfleetError("RUN_UNKNOWN", { instance, dag_id: dagId, run_id: runId });
      },
      tasks: async () => [],
      tries: async () => [],
      log: () => world.logLines,
      config: async () => [],
      engineEvents: async () => [],
      native: async (instance, read, options) => ({
        json: Buffer.from(await world.native(instance, read, options?.signal)),
      }),
    },
    runs: {
      list: async () => ({ items: [fleetRun(get("client1"))], next: null }),
      get: async (key, canSee) => {
        if (key !== "run_1" || !canSee("client1")) throw new AirfleetError("RUN_KEY_UNKNOWN", { run: key });
        return fleetRun(get("client1"));
      },
      refresh: async (found) => found,
      describe: async () => [],
      history: async () => [],
      tasks: async () => ({ tasks: [], source: "stored", observedAt: 1_700_000_000_000 }),
      tries: async () => ({ tasks: [], source: "stored", observedAt: 1_700_000_000_000 }),
    },
    logs: {
      open: async () => ({ source: "live", archivedAt: null, tryNumber: null, lines: world.logLines }),
      archived: async () => [],
    },
    actions: {
      perform: async (actor, intent) => {
        world.performed.push(intent);
        return toAction(actor, intent, world.act(intent));
      },
      get: async (id) => {
        if (id !== "act_1") throw new AirfleetError("ACTION_UNKNOWN", { action: id });
        const intent = {
          verb: "dag:pause",
          instance: toInstanceId("client1"),
          dagId: toDagId("d"),
          paused: true,
        } as const;
        return toAction(ADMIN, intent, {});
      },
      list: async () => ({ items: [], next: null, total: null }),
    },
    stops: fakeStops(async () => fleetRun(get("client1"))),
    triggers: fakeTriggers((instance, actor) => {
      if (!isInScope(actor, instance)) throw new AirfleetError("INSTANCE_UNKNOWN", { instance, known: [] });
      get(instance);
    }),
    ...fakeExecutions(),
    overview: {
      overview: async () => ({ instances: [], wrong: [], wrongTotal: 0 }),
      matrix: async () => ({ items: [], next: null, instances: [] }),
    },
    audit: {
      list: async () => ({ items: [], next: null, total: null }),
      verify: async () => ({ ok: true, rows: 0, lastSeq: 0, head: null, brokenAt: null, reason: null }),
      denied: async (actor, verb, resource) => {
        world.denied.push(`${actor.id} ${verb} ${resource}`);
      },
    },
    access: {
      authenticate: async (plain) => {
        const actor = world.tokens.get(plain);
        if (actor === undefined) throw new AirfleetError("TOKEN_UNKNOWN");
        return actor;
      },
      openSession: async (plain) => {
        const actor = world.tokens.get(plain);
        if (actor === undefined) throw new AirfleetError("TOKEN_UNKNOWN");
        return { actor, session: `session-of-${plain}`, expiresAt: Date.now() + 60_000 };
      },
      readSession: (session) =>
        session.startsWith("session-of-")
          ? { plain: session.slice("session-of-".length), expiresAt: Date.now() + 60_000 }
          : undefined,
      listTokens: async () => world.created,
      createToken: async (_actor, request) => {
        const token = { id: "tok_1", ...TOKEN_TIMES, ...request };
        world.created.push(token);
        return { ...token, plain: "aft_plain" };
      },
      revokeToken: async () => {},
    },
    events: {
      follow: (_actor, _request, listener) => {
        const event = { id: 1, at: "2026-11-20T03:00:00Z", kind: "dag.changed", instance: "client1", payload: {} };
        const data = JSON.stringify({ ...event, dag_id: "d", dag_run_id: null });
        listener.send(new TextEncoder().encode(`id: 1\ndata: ${data}\n\n`));
        listener.end();
        return { close: () => undefined };
      },
      size: () => 0,
    },
    ...fakeSubjects(fleetRun(instanceOf("client1")).run),
    ...fakePipelines(),
    ...fakeDeployments(),
    ...fakeReports(),
    ...fakeReportSources(),
    triggerKeys: fakeTriggerKeys(() => ({ kind: "unneeded" })),
    webhooks: fakeWebhooks,
    alerts: fakeAlerts,
    startReconcilers: unexpected("reconcilers"),
    checkReady: async () => {
      if (!world.ready) throw new AirfleetError("STORE_UNAVAILABLE", { reason: "gone" });
    },
    close: async () => {},
  };
  return { control, world };
};

const ADMIN: Actor = { id: "local", role: "admin", instances: ["*"], sourceIp: null, requestId: null };
