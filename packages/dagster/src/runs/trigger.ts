import type { TriggerRequest } from "@airfleet/engine";
import { AirfleetError, checkNewRunId, isAirfleetError, type Run } from "@airfleet/model";
import { canonicalJson, type Deadline } from "@airfleet/http";
import { type Api, capabilityMissing, dagUnknown } from "../api.ts";
import { launchDocument, type RunRow } from "../documents/runs.ts";
import type { JobPlace } from "../jobs/job-names.ts";
import { LAUNCH_ID_TAG, NOTE_TAG, RUN_ID_TAG } from "../tags.ts";
import { findGroups } from "./find-group.ts";
import type { RunGroup } from "./run-group.ts";
import { stopTwins } from "./run-writes.ts";
import { toRun, toRunConfig } from "./to-run.ts";

/** A run, and whether this call saw it being created. */
export interface Triggered {
  readonly run: Run;
  readonly created: boolean;
  readonly existed?: boolean;
}

/** After these the launch may have been carried out, or still be on its way. */
const UNCERTAIN = [
  "INSTANCE_UNREACHABLE",
  "INSTANCE_TIMEOUT",
  "INSTANCE_SERVER_ERROR",
  "INSTANCE_ANSWER_INVALID",
  "INSTANCE_ANSWER_TOO_LARGE",
] as const;

const ZONED = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d{1,9})?)?(Z|[+-]\d{2}:?\d{2})$/;

/** Launches of this process that are under way, by job and run id: the same asked for twice at once is one launch. */
export type LaunchesUnderWay = Map<string, Promise<Triggered>>;

const check = (api: Api, { runId, logicalDate, interval, runAfter }: TriggerRequest): void => {
  checkNewRunId(runId);
  for (const value of [logicalDate, interval?.start, interval?.end, runAfter]) {
    if (value !== undefined && !(ZONED.test(value) && !Number.isNaN(Date.parse(value))))
      throw new AirfleetError("LOGICAL_DATE_INVALID", { value });
  }
  if (logicalDate !== undefined || interval !== undefined) {
    throw capabilityMissing(api, "give a run a logical date", "Put the date into the conf.");
  }
  if (runAfter !== undefined) throw capabilityMissing(api, "start a run later", "Trigger when it is time.");
};

const recognise = (api: Api, { runId, dagId, conf }: TriggerRequest, { current }: RunGroup<RunRow>): Run => {
  const run = toRun(dagId, current);
  if (canonicalJson(run.conf) === canonicalJson(conf)) return run;
  throw new AirfleetError("RUN_ID_TAKEN", { run_id: runId, dag_id: dagId, instance: api.graphql.http.place.instance });
};

/** The job is not there: because its code location is broken, or because there is none of that name. */
const missing = async (api: Api, { dagId }: TriggerRequest, deadline: Deadline): Promise<AirfleetError> => {
  const table = await api.names.refresh(deadline);
  const location = table.lost.get(dagId)?.job.repositoryLocationName;
  const broken = table.broken.find(({ name }) => name === location);
  if (broken === undefined) return dagUnknown(api, dagId);
  const reason = (broken.message.trim().split("\n")[0] ?? "").slice(0, 300);
  return new AirfleetError("DAG_BROKEN", { dag_id: dagId, instance: api.graphql.http.place.instance, reason });
};

const launch = async (api: Api, request: TriggerRequest, place: JobPlace, deadline: Deadline): Promise<Run> => {
  const { runId, note } = request;
  const { pipelineName: jobName, repositoryName, repositoryLocationName } = place.job;
  const params = {
    selector: { jobName, repositoryName, repositoryLocationName },
    runConfigData: toRunConfig(request.conf, place.hasRuntime),
    executionMetadata: {
      tags: [
        ...place.runTags,
        { key: RUN_ID_TAG, value: runId },
        { key: LAUNCH_ID_TAG, value: runId },
        ...(note === undefined ? [] : [{ key: NOTE_TAG, value: note }]),
      ],
    },
  };
  const { launchRun: answer } = await api.graphql.ask(launchDocument, { params }, deadline);
  if (answer.run !== undefined) return toRun(request.dagId, answer.run);
  if (answer.__typename === "RunConfigValidationInvalid") {
    const reason = (answer.errors ?? []).map(({ message }) => message.split("\n")[0]).join("; ");
    throw new AirfleetError("CONF_INVALID", { reason: api.graphql.http.place.scrub(reason.slice(0, 1_000)) });
  }
  const refused =
    answer.__typename === "PipelineNotFoundError" || answer.className === "DagsterCodeLocationNotFoundError";
  throw refused ? await missing(api, request, deadline) : api.graphql.refusal(launchDocument, answer);
};

const find = async (api: Api, request: TriggerRequest, deadline: Deadline): Promise<RunGroup<RunRow> | null> => {
  const [group = null] = await findGroups(api, [request], deadline);
  // What was launched twice must not run twice: the guard keeps it from working, this from waiting for its turn.
  if (group !== null) await stopTwins(api, group, deadline).catch(() => undefined);
  return group;
};

/**
 * Starts a run exactly once, as far as Dagster lets us: it chooses the ids of its runs and takes the same launch twice.
 *
 *  - The run is looked up by our tag before anything is sent. There: `existed`.
 *  - No answer to the launch: looked up again. There: `created: false`. Not there: the error, and nothing is sent a
 *    second time here; whoever asks again later begins with the lookup.
 *  - A launch that was on its way all that time makes a twin. In jobs with our guard only the oldest works; in others
 *    both do, which is why those are `best_effort`.
 */
const triggerOnce = async (api: Api, request: TriggerRequest, deadline: Deadline): Promise<Triggered> => {
  const place = await api.names.find(request.dagId, deadline);
  if (place === undefined) throw await missing(api, request, deadline);
  const existing = await find(api, request, deadline);
  if (existing !== null) return { run: recognise(api, request, existing), created: false, existed: true };
  try {
    return { run: await launch(api, request, place, deadline), created: true };
  } catch (error) {
    if (!isAirfleetError(error, ...UNCERTAIN) || deadline.signal.aborted) throw error;
    const group = await find(api, request, deadline).catch(() => null);
    if (group === null) throw error;
    return { run: recognise(api, request, group), created: false };
  }
};

export const trigger = async (
  api: Api,
  underWay: LaunchesUnderWay,
  request: TriggerRequest,
  deadline: Deadline,
): Promise<Triggered> => {
  check(api, request);
  const key = JSON.stringify([request.dagId, request.runId]);
  const before = underWay.get(key);
  if (before !== undefined) {
    await before.catch(() => undefined);
    return trigger(api, underWay, request, deadline);
  }
  const launching = triggerOnce(api, request, deadline).finally(() => underWay.delete(key));
  underWay.set(key, launching);
  return launching;
};
