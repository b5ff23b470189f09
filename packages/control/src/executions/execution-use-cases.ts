import { createHash, createHmac, randomUUID } from "node:crypto";
import {
  AirfleetError,
  type DagId,
  type ExecutionPlace,
  type ExecutionStatus,
  type ExecutionTrigger,
  toDagId,
  toExecutionRunId,
} from "@airfleet/model";
import type { ExecutionQuery, Store, StoredExecution, StorePage } from "@airfleet/store";
import { isInScope } from "../access/instance-scope.ts";
import { canonical } from "../actions/stored-intent.ts";
import type { Actor } from "../actor.ts";
import type { Clock } from "../clock.ts";
import type { InstanceUseCases } from "../control.ts";
import type { InstanceRegistry } from "../fleet/instance-registry.ts";
import type { LogUseCases } from "../logs/log-use-cases.ts";
import type { RunReader } from "../runs/run-reader.ts";
import type { Redact } from "../triggers/secret-names.ts";
import { choosePlace } from "./choose-place.ts";
import { type CollectedLogs, readExecutionLogs } from "./execution-logs.ts";
import type { ExecutableDeployments, ExecutablePipelines } from "./execution-ports.ts";

/** A pipeline that is to run. */
export interface ExecuteRequest extends ExecutionPlace {
  readonly pipeline: string;
  readonly params: Readonly<Record<string, unknown>>;
  readonly triggerType: ExecutionTrigger;
  /** `Idempotency-Key`, or what else the request is recognised by when it comes again. */
  readonly key?: string;
  readonly schedule?: string;
}

/** An execution as recorded. */
export interface ExecutionTicket {
  readonly execution: StoredExecution;
  /** It was recorded before; nothing was done this time. */
  readonly isReplay: boolean;
}

export interface ExecutionListQuery {
  readonly pipeline?: string;
  readonly statuses?: readonly ExecutionStatus[];
  readonly schedule?: string;
  readonly triggerType?: ExecutionTrigger;
  readonly limit: number;
  readonly after?: string;
  readonly offset?: number;
  /** Whether the number of all is wanted too. */
  readonly counts: boolean;
}

export interface ExecutionPage extends StorePage<StoredExecution> {
  /** Exact up to {@link COUNTED}; null when it was not asked for. */
  readonly total: number | null;
  readonly totalIsMinimum: boolean;
}

/** Executing pipelines, and following what becomes of it. One on an instance out of sight is not there. */
export interface ExecutionUseCases {
  /**
   * Records an execution and sees to it that it happens: brings the newest version of the pipeline to the instance where
   * it is not there, waits until a run would work with it, and starts one run.
   *
   * @throws PIPELINE_UNKNOWN, PIPELINE_INVALID, INSTANCE_UNKNOWN, EXECUTION_INSTANCE_OPEN, EXECUTION_INSTANCE_NONE,
   *   EXECUTION_ENVIRONMENT_UNKNOWN, EXECUTION_ENVIRONMENT_WIDE, IDEMPOTENCY_KEY_REUSED; nothing is recorded then
   */
  execute(actor: Actor, request: ExecuteRequest): Promise<ExecutionTicket>;
  /** @throws EXECUTION_UNKNOWN */
  get(id: string, actor: Actor): Promise<StoredExecution>;
  /** Newest first. @throws CURSOR_INVALID */
  list(query: ExecutionListQuery, actor: Actor): Promise<ExecutionPage>;
  /** Reads the run now and answers the execution as it stands then. @throws EXECUTION_UNKNOWN, what a live read throws */
  monitor(id: string, actor: Actor, signal?: AbortSignal): Promise<StoredExecution>;
  /** Cancels it, for ever; its run is prevented or stopped. @throws EXECUTION_UNKNOWN, EXECUTION_NOT_CANCELLABLE */
  cancel(id: string, actor: Actor): Promise<StoredExecution>;
  /** What its tasks wrote. @throws EXECUTION_UNKNOWN */
  logs(id: string, actor: Actor, wish: { readonly lines: number; readonly task?: string }): Promise<CollectedLogs>;
}

interface UseCasePorts {
  readonly store: Pick<Store, "executions">;
  readonly instances: Pick<InstanceUseCases, "list">;
  readonly registry: Pick<InstanceRegistry, "use">;
  readonly pipelines: Pick<ExecutablePipelines, "sound">;
  readonly deployments: Pick<ExecutableDeployments, "places">;
  readonly reader: RunReader;
  readonly logs: Pick<LogUseCases, "open">;
  readonly clock: Clock;
  readonly redact: Redact;
  /** How long a version may take until it is triggerable, milliseconds. */
  readonly readyWithinMs: number;
  readonly onWaiting: () => void;
  readonly onWritten: () => void;
}

/** More than this need not be counted. */
export const COUNTED = 10_000;

const scopeOf = (actor: Actor, { key, pipeline }: ExecuteRequest): string | null =>
  key === undefined
    ? null
    : createHash("sha256")
        .update(JSON.stringify(["execute", actor.id, pipeline, key]))
        .digest("base64url");

/** Under the key that only the caller knows: parameters may hold secrets. */
const hashOf = ({ key, params, triggerType, instance, environment }: ExecuteRequest): string | null =>
  key === undefined
    ? null
    : createHmac("sha256", key)
        .update(canonical({ params, triggerType, instance: instance ?? null, environment: environment ?? null }))
        .digest("base64url");

const authorOf = ({ id, sourceIp, requestId }: Actor) => ({ actor: id, sourceIp, requestId });

export const createExecutionUseCases = (ports: UseCasePorts): ExecutionUseCases => {
  const { store, instances, registry, pipelines, deployments, reader, clock, redact, onWaiting, onWritten } = ports;

  /** Without what is secret by its name. */
  const shown = (execution: StoredExecution): StoredExecution => {
    const { params, instance, dagId } = execution;
    return { ...execution, params: redact(params, { instance, dagId }) as StoredExecution["params"] };
  };

  const find = async (id: string, actor: Actor): Promise<StoredExecution> => {
    const execution = await store.executions.find(id);
    if (execution !== undefined && isInScope(actor, execution.instance)) return shown(execution);
    throw new AirfleetError("EXECUTION_UNKNOWN", { execution: id });
  };

  const visibleTo = (actor: Actor): readonly string[] =>
    instances
      .list()
      .map(({ id }) => id)
      .filter((id) => isInScope(actor, id));

  const replayOf = async (scope: string | null, request: ExecuteRequest): Promise<StoredExecution | undefined> => {
    const known = scope === null ? undefined : await store.executions.findByScope(scope);
    if (known === undefined || known.requestHash === hashOf(request)) return known;
    throw new AirfleetError("IDEMPOTENCY_KEY_REUSED", { key: request.key ?? "" });
  };

  return {
    async execute(actor, request) {
      const scope = scopeOf(actor, request);
      // Before anything is checked: a repetition is answered also when the pipeline was changed or removed since.
      const known = await replayOf(scope, request);
      if (known !== undefined) return { execution: shown(known), isReplay: true };
      const pipeline = await pipelines.sound(request.pipeline, actor);
      const places = deployments.places().filter(({ id }) => isInScope(actor, id));
      const instance = choosePlace(pipeline, request, places);
      const id = randomUUID();
      const dagId: DagId = toDagId(pipeline.dagId);
      const { execution, created } = await store.executions.create(
        {
          id,
          pipeline: pipeline.id,
          revision: pipeline.revision,
          artifactHash: null,
          instance,
          dagId,
          runId: toExecutionRunId(id),
          triggerType: request.triggerType,
          params: request.params,
          scope,
          requestHash: hashOf(request),
          ...(request.schedule === undefined ? {} : { schedule: request.schedule }),
          deadlineAt: clock.now() + ports.readyWithinMs,
        },
        authorOf(actor),
      );
      if (!created && execution.requestHash !== hashOf(request)) {
        throw new AirfleetError("IDEMPOTENCY_KEY_REUSED", { key: request.key ?? "" });
      }
      onWritten();
      onWaiting();
      return { execution: shown(execution), isReplay: !created };
    },

    get: find,

    async list({ limit, after, offset, counts, ...wanted }, actor) {
      const visible = visibleTo(actor);
      const isAll = visible.length === instances.list().length;
      const filter: Omit<ExecutionQuery, "limit"> = { ...wanted, ...(isAll ? {} : { instances: visible }) };
      const paged = { ...(after === undefined ? {} : { after }), ...(offset === undefined ? {} : { offset }) };
      const [page, counted] = await Promise.all([
        store.executions.list({ ...filter, ...paged, limit }),
        counts ? store.executions.count(filter, COUNTED + 1) : null,
      ]);
      const isMore = counted !== null && counted > COUNTED;
      return {
        items: page.items.map(shown),
        next: page.next,
        total: isMore ? COUNTED : counted,
        totalIsMinimum: isMore,
      };
    },

    async monitor(id, actor, signal) {
      const { instance, dagId, runId, stage } = await find(id, actor);
      // Before there is a run there is nothing to read; that it goes on is seen to anyway.
      if (stage === "preparing") onWaiting();
      else {
        const options = signal === undefined ? {} : { signal };
        await registry.use(instance, (engine) => reader.read(engine, { dagId, runId }, options));
      }
      return find(id, actor);
    },

    async cancel(id, actor) {
      await find(id, actor);
      const answer = await store.executions.cancel(id, authorOf(actor));
      if (answer === undefined) throw new AirfleetError("EXECUTION_UNKNOWN", { execution: id });
      const { execution, cancelled } = answer;
      if (!cancelled) throw new AirfleetError("EXECUTION_NOT_CANCELLABLE", { status: execution.status });
      onWritten();
      onWaiting();
      return shown(execution);
    },

    async logs(id, actor, wish) {
      return readExecutionLogs(await find(id, actor), wish, ports);
    },
  };
};
