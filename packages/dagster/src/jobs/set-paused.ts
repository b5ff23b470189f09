import type { DagId } from "@airfleet/model";
import type { Deadline } from "@airfleet/http";
import { type Api, capabilityMissing } from "../api.ts";
import type { GraphqlDocument } from "../documents/document.ts";
import {
  startScheduleDocument,
  startSensorDocument,
  stopScheduleDocument,
  stopSensorDocument,
} from "../documents/instigators.ts";
import type { JobShape } from "../documents/jobs.ts";
import type { Problem } from "../documents/parts.ts";
import { needJob, readJob } from "./job-reads.ts";

const DONE = new Set(["ScheduleStateResult", "Sensor", "StopSensorMutationResult"]);

const tell = async <Variables extends object, Name extends string>(
  api: Api,
  document: GraphqlDocument<Variables, Record<Name, Problem>>,
  variables: Variables,
  deadline: Deadline,
): Promise<void> => {
  const answers = await api.graphql.ask(document, variables, deadline);
  for (const answer of Object.values<Problem>(answers)) {
    if (!DONE.has(answer.__typename)) throw api.graphql.refusal(document, answer);
  }
};

/** A sensor that starts several jobs cannot be stopped for one of them. */
const refuseShared = (api: Api, { sensors }: JobShape, dagId: DagId): void => {
  for (const { name, targets } of sensors) {
    const others = (targets ?? []).map(({ pipelineName }) => pipelineName).filter((job) => job !== dagId);
    if (others.length === 0) continue;
    const hint = `Its sensor ${name} starts ${others.join(", ")} as well; stop it in Dagster if all are meant.`;
    throw capabilityMissing(api, `pause ${dagId} alone`, hint);
  }
};

/**
 * Stops or starts every schedule and sensor of exactly this job. What waits in Dagster's queue runs all the same: its
 * schedules make runs, they do not hold them back.
 */
export const setPaused = async (api: Api, dagId: DagId, paused: boolean, deadline: Deadline): Promise<void> => {
  const place = await needJob(api, dagId, deadline);
  const job = await readJob(api, place, deadline);
  if (job.schedules.length + job.sensors.length === 0) {
    throw capabilityMissing(
      api,
      `${paused ? "pause" : "unpause"} ${dagId}`,
      "It has no schedule and no sensor: it runs only when somebody triggers it.",
    );
  }
  refuseShared(api, job, dagId);
  const { repositoryName, repositoryLocationName } = place.job;
  const home = { repositoryName, repositoryLocationName };
  const isWanted = ({ status }: { readonly status: string }): boolean => (status === "RUNNING") === paused;
  for (const { name, scheduleState } of job.schedules.filter((each) => isWanted(each.scheduleState))) {
    if (paused) await tell(api, stopScheduleDocument, { id: scheduleState.id }, deadline);
    else await tell(api, startScheduleDocument, { schedule: { scheduleName: name, ...home } }, deadline);
  }
  for (const { name, sensorState } of job.sensors.filter((each) => isWanted(each.sensorState))) {
    if (paused) await tell(api, stopSensorDocument, { id: sensorState.id }, deadline);
    else await tell(api, startSensorDocument, { sensor: { sensorName: name, ...home } }, deadline);
  }
};
