import type { Control, FleetInstance, ReadOptions } from "@airfleet/control";
import { AirfleetError } from "@airfleet/model";
import { z } from "zod";

const ListedDag = z.object({
  dag_id: z.string(),
  is_paused: z.boolean().nullish(),
  is_active: z.boolean().nullish(),
  last_parsed_time: z.string().nullish(),
  tags: z.array(z.unknown()).nullish(),
});
const DagList = z.object({ dags: z.array(ListedDag) });

/** A DAG of an Airflow list, as far as the seed's routes speak of it. */
export type ListedDag = z.infer<typeof ListedDag>;

/** All DAGs of a client, all pages. @throws {AirfleetError} what the read throws, AIRFLOW_ANSWER_INVALID */
export const listDagsOf = async (
  control: Pick<Control, "live">,
  client: FleetInstance,
  options: ReadOptions,
): Promise<readonly ListedDag[]> => {
  const { json } = await control.live.native(client.id, { kind: "dags" }, options);
  const parsed = DagList.safeParse(JSON.parse(Buffer.from(json).toString("utf8")));
  if (parsed.success) return parsed.data.dags;
  throw new AirfleetError("AIRFLOW_ANSWER_INVALID", {
    instance: client.id,
    method: "GET",
    path: "/dags",
    reason: parsed.error.issues[0]?.message ?? "no list of DAGs",
    url: client.url,
  });
};
