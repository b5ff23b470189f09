import { randomBytes } from "node:crypto";
import { AirfleetError } from "@airfleet/model";
import type { Clock } from "./clock/clock.ts";
import { type ActiveFault, createFaultBoard } from "./faults/fault-board.ts";
import { freezeDeployment } from "./faults/freeze.ts";
import { createInstanceServer } from "./http/instance-server.ts";
import { createRequestLog } from "./http/request-log.ts";
import type { Request } from "./http/request.ts";
import { continueSchedule } from "./scheduler/run-schedule.ts";
import { createScheduler } from "./scheduler/scheduler.ts";
import type { DeployTimes, InstanceSpec, SimulatedInstance } from "./simulated-instance.ts";
import type { DagSpec } from "./specs/dag-spec.ts";
import { answerV1 } from "./v1/app.ts";
import { answerV2 } from "./v2/app.ts";
import { createChance } from "./world/chance.ts";
import { type DagRecord, fileOf } from "./world/dag-record.ts";
import type { Deployment, DeploymentSettings } from "./world/deployment.ts";
import { breakFile, noticeRemoval, parseDag, serializeDag } from "./world/files.ts";
import { addHistory } from "./world/history.ts";
import { createWorld, type World } from "./world/world.ts";

/** What an instance takes from the simulator when its spec does not say. */
export interface InstanceDefaults {
  readonly clock: Clock;
  readonly timeScale: number;
}

const SOFTWARE = { 2: "gunicorn", 3: "uvicorn" } as const;
const VERSIONS = { 2: "2.11.2", 3: "3.3.2" } as const;

const settingsOf = (spec: InstanceSpec): DeploymentSettings => ({
  version: VERSIONS[spec.generation],
  tokenLifetimeSeconds: 86_400,
  cliTokenLifetimeSeconds: 3600,
  jwtSecret: randomBytes(32).toString("hex"),
  maximumPageLimit: 100,
  exposeConfig: false,
  schedulerHealthy: true,
  ...spec.settings,
});

const fillHouse = (world: World, spec: InstanceSpec): void => {
  for (const [key, value] of Object.entries(spec.variables ?? {}))
    world.variables.set(key, { key, value, description: null });
  for (const [name, slots] of Object.entries(spec.pools ?? {})) {
    world.pools.set(name, { name, slots, description: null, includeDeferred: false });
  }
};

/** Loads all DAGs before any schedule starts, so that past runs come first. */
const loadDags = ({ world, scheduler }: Deployment, spec: InstanceSpec): void => {
  const dags = (spec.dags ?? []).map((dag) => {
    const record = parseDag(world, dag);
    record.paused = true;
    serializeDag(world, scheduler, record);
    return record;
  });
  addHistory(world, dags);
  for (const dag of dags) {
    dag.paused = dag.parsed.paused ?? false;
    continueSchedule(world, scheduler, dag);
  }
  for (const file of spec.brokenFiles ?? []) breakFile(world, scheduler, file.fileLoc, file.stackTrace);
  for (const dag of dags) {
    if (dag.parsed.brokenWith !== undefined) breakFile(world, scheduler, fileOf(dag.parsed), dag.parsed.brokenWith);
  }
};

const traceFor = (file: string): string =>
  `Traceback (most recent call last):\n  File "${file}", line 2, in <module>\n    raise RuntimeError('broken now')\nRuntimeError: broken now\n`;

const deploy = ({ world, scheduler }: Deployment, spec: DagSpec, times: DeployTimes): void => {
  const soon = (seconds: number, task: () => void): void => (seconds === 0 ? task() : scheduler.later(seconds, task));
  soon(times.parseSeconds ?? 0, () => {
    const isNew = !world.dags.has(spec.dagId);
    const dag = parseDag(world, spec);
    if (isNew) serializeDag(world, scheduler, dag);
    else soon(times.serializeSeconds ?? 0, () => serializeDag(world, scheduler, dag));
  });
};

const fileOfDag = (world: World, dagId: string): string => {
  const dag: DagRecord | undefined = world.dags.get(dagId);
  if (dag === undefined) throw new AirfleetError("DAG_UNKNOWN", { instance: world.instanceId, dag_id: dagId });
  return fileOf(dag.parsed);
};

/** Starts one instance and resolves when its port is open. */
export const startInstance = async (spec: InstanceSpec, defaults: InstanceDefaults): Promise<SimulatedInstance> => {
  const seed = spec.seed ?? 1;
  const users = spec.users ?? [{ username: "admin", password: "admin" }];
  const [first] = users;
  if (first === undefined)
    throw new AirfleetError("SIMULATION_INVALID", { subject: `instance ${spec.id}`, reason: "has no user" });
  const clock = spec.clock ?? defaults.clock;
  const world = createWorld({
    instanceId: spec.id,
    generation: spec.generation,
    seed,
    clock,
    timeScale: spec.timeScale ?? defaults.timeScale,
    keepRunsPerDag: spec.keepRunsPerDag ?? Number.POSITIVE_INFINITY,
  });
  const scheduler = createScheduler(world);
  const settings = settingsOf(spec);
  const deployment: Deployment = { world, scheduler, users, secretKey: `${spec.id}/${seed}`, settings };
  fillHouse(world, spec);
  loadDags(deployment, spec);

  const chance = createChance(seed);
  const frozen = new Map<number, Deployment>();
  const faults = createFaultBoard(chance, (fault) => {
    if (fault.rule.fault.kind === "stale reads") frozen.set(fault.id, freezeDeployment(deployment));
  });
  const requests = createRequestLog();
  const answerApp = spec.generation === 2 ? answerV1 : answerV2;
  const answer = (request: Request, active: readonly ActiveFault[]) => {
    const stale = request.method === "GET" ? active.find(({ id }) => frozen.has(id)) : undefined;
    return answerApp((stale === undefined ? undefined : frozen.get(stale.id)) ?? deployment, request);
  };
  const latency = typeof spec.latencyMs === "object" ? spec.latencyMs : { ms: spec.latencyMs ?? 0, jitterMs: 0 };
  const server = createInstanceServer({
    port: spec.port ?? 0,
    latencyMs: () => latency.ms + chance() * latency.jitterMs,
    date: () => new Date(clock.now() / 1000),
    software: SOFTWARE[spec.generation],
    answer,
    takeFaults: faults.take,
    onRequest: requests.add,
    chance,
  });
  await server.start();

  return {
    id: spec.id,
    generation: spec.generation,
    get url() {
      return `http://127.0.0.1:${server.port}`;
    },
    get port() {
      return server.port;
    },
    credentials: { username: first.username, password: first.password },
    faults,
    requests,
    settings,
    world,
    deploy: (dag, times = {}) => deploy(deployment, dag, times),
    breakDag: (dagId, stackTrace) => {
      const file = fileOfDag(world, dagId);
      breakFile(world, scheduler, file, stackTrace ?? traceFor(file));
    },
    removeFile: (dagId) => noticeRemoval(world, scheduler, fileOfDag(world, dagId)),
    down: () => server.stop(),
    up: () => server.start(),
    close: async () => {
      scheduler.stop();
      await server.stop();
    },
  };
};
