import { type Deadline, parseAnswer, placedError } from "@airfleet/http";
import { AirfleetError, type DagId } from "@airfleet/model";
import { type Api, toRequest } from "../api.ts";
import { path } from "../api-path.ts";
import { capabilityMissing, dagUnknown } from "../missing.ts";
import { getDag } from "./dag-reads.ts";

/**
 * Sets the pause flag and checks that the answer is about this DAG and shows the flag as asked: both generations also
 * know a bulk form of this call, and a gateway that rewrites the path could reach it.
 */
export const setPaused = async (api: Api, dagId: DagId, paused: boolean, deadline: Deadline): Promise<void> => {
  const request = toRequest(api, "PATCH", path`/dags/${dagId}`, {
    query: { update_mask: "is_paused" },
    body: { is_paused: paused },
    passes: [404],
  });
  const answer = await api.http.call(request, deadline);
  if (answer.status === 404) throw dagUnknown(api, dagId);
  const dag = parseAnswer(api.http, request, answer, api.dialect.shapes.dag);
  if (dag.dagId === dagId && dag.isPaused === paused) return;
  const reason =
    dag.dagId === dagId
      ? "the flag is not as we set it"
      : api.http.place.scrub(`it is about another DAG, ${dag.dagId}`);
  throw placedError(api.http.place, "AIRFLOW_ANSWER_INVALID", { url: api.http.place.url, reason }, { request });
};

/** Deletes what Airflow remembers of a DAG. Both generations answer 409 while a task of it runs. */
export const deleteDag = async (api: Api, dagId: DagId, deadline: Deadline): Promise<void> => {
  const request = toRequest(api, "DELETE", path`/dags/${dagId}`, { passes: [404, 409] });
  const answer = await api.http.call(request, deadline);
  if (answer.status === 404) throw dagUnknown(api, dagId);
  if (answer.status === 409) {
    throw new AirfleetError("DAG_ACTIVE", { dag_id: dagId, instance: api.http.place.instance });
  }
};

/** Puts the DAG's file at the front of the parse queue; being there already is as good. */
export const requestReparse = async (api: Api, dagId: DagId, deadline: Deadline): Promise<void> => {
  if (!api.dialect.capabilities.reparse) {
    throw capabilityMissing(
      api,
      "be asked to parse a file",
      "That came with Airflow 2.10; the file is parsed at the next interval.",
    );
  }
  const { fileToken } = await getDag(api, dagId, deadline);
  if (fileToken === null) throw dagUnknown(api, dagId);
  // Airflow 3 answers 409 while the same request is pending.
  const request = toRequest(api, "PUT", path`/parseDagFile/${fileToken}`, { passes: [404, 409], repeatable: true });
  const answer = await api.http.call(request, deadline);
  if (answer.status === 404) throw dagUnknown(api, dagId);
};
