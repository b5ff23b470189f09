import { type ApiRequest, type Deadline, type InstanceHttp, placedError } from "@airfleet/http";
import { AirfleetError, isAirfleetError } from "@airfleet/model";
import { z } from "zod";
import { type AirflowVersion, type Generation, parseAirflowVersion } from "./airflow-version.ts";
import { path } from "./api-path.ts";

const VersionShape = z.object({ version: z.string() });

const ROOTS = { 2: "/api/v1", 3: "/api/v2" } as const satisfies Record<Generation, string>;

const versionRequest = (root: string): ApiRequest => ({
  method: "GET",
  root,
  path: path`/version`,
  passes: [404, 405],
});

const askVersion = async (http: InstanceHttp, root: string, deadline: Deadline): Promise<AirflowVersion | null> => {
  const request = versionRequest(root);
  const answer = await http.call(request, deadline);
  if (answer.status >= 400) return null;
  try {
    return parseAirflowVersion(VersionShape.parse(JSON.parse(answer.bytes.toString("utf8"))).version);
  } catch {
    return null;
  }
};

/**
 * Finds out which Airflow this is. Both generations answer the other's path with 404 (2.x as HTML, 3.x as JSON), and
 * their own without credentials. `likely` is asked first, since a second question costs a round trip.
 *
 * @throws AIRFLOW_ANSWER_INVALID when neither answers as Airflow does
 */
export const detectVersion = async (
  http: InstanceHttp,
  likely: Generation,
  deadline: Deadline,
): Promise<AirflowVersion> => {
  const order: readonly Generation[] = likely === 2 ? [2, 3] : [3, 2];
  let refused: AirfleetError | undefined;
  for (const generation of order) {
    try {
      const version = await askVersion(http, ROOTS[generation], deadline);
      if (version?.generation === generation) return version;
    } catch (error) {
      // A gateway may redirect what it does not know, and still pass on the other generation's path.
      if (
        !isAirfleetError(
          error,
          "INSTANCE_REDIRECTED",
          "AIRFLOW_REFUSED",
          "INSTANCE_FORBIDDEN",
          "INSTANCE_CREDENTIALS_REFUSED",
        )
      )
        throw error;
      refused = error;
    }
  }
  if (refused !== undefined) throw refused;
  const reason = "neither /api/v2/version nor /api/v1/version answers a version of Airflow 2 or 3";
  throw placedError(
    http.place,
    "AIRFLOW_ANSWER_INVALID",
    { url: http.place.url, reason },
    { request: versionRequest(ROOTS[3]) },
  );
};

/** The same through a door that chooses the generation itself (MWAA): paths there have no root. */
export const detectUnprefixedVersion = async (http: InstanceHttp, deadline: Deadline): Promise<AirflowVersion> => {
  const version = await askVersion(http, "", deadline);
  if (version !== null) return version;
  const reason = "/version does not answer a version of Airflow 2 or 3";
  throw placedError(
    http.place,
    "AIRFLOW_ANSWER_INVALID",
    { url: http.place.url, reason },
    { request: versionRequest("") },
  );
};
