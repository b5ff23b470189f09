import { type Deadline, fromRefusingAnswer, readRefusal } from "@airfleet/http";
import type { TaskStateRequest } from "@airfleet/engine";
import { type Api, toRequest } from "../api.ts";
import { taskUnknown } from "../missing.ts";
import { getTaskInstance } from "./task-reads.ts";

/**
 * Sets the state of one task instance. It is read first: without a map index Airflow 3 would set every instance of a
 * mapped task, and `getTaskInstance` finds a mapped task only with one.
 */
export const setTaskState = async (api: Api, request: TaskStateRequest, deadline: Deadline): Promise<void> => {
  await getTaskInstance(api, request, deadline);
  const { path, body } = api.dialect.taskStateCall(request, request.state, request.dryRun);
  const wire = toRequest(api, "PATCH", path, { body, passes: [404, 409] });
  // The body is not looked at: Airflow 2 answers `{}`, Airflow 3 a list.
  const answer = await api.http.call(wire, deadline);
  if (answer.status === 404) throw taskUnknown(api, request);
  // Being in that state already is what was asked for.
  if (answer.status === 409 && !/already/i.test(readRefusal(answer).reason)) {
    throw fromRefusingAnswer(api.http.place, { ...wire, headers: {} }, answer, api.http.clock.now());
  }
};
