import { type ConfigKind, type InstanceId, isAirfleetError, type Plan } from "@airfleet/model";
import type { LiveUseCases } from "../control.ts";
import type { Promotion } from "./deployment.ts";

/** Names of an instance's own things that a plan uses. */
const namesOf = (plan: Plan) => {
  const connections = plan.steps.flatMap(({ body }) =>
    (body.kind === "read" || body.kind === "write") && body.connection !== null ? [body.connection] : [],
  );
  const pools = plan.steps.flatMap(({ pool }) => (pool === null ? [] : [pool]));
  return { connection: [...new Set(connections)], pool: [...new Set(pools)] } as const;
};

/**
 * What a plan names and an Airflow lacks. A connection may also come from the environment of its workers, which nobody
 * can be asked about, so a missing one is told and can be overruled. What cannot be read is told as such.
 */
export const findMissingNames = async (
  live: Pick<LiveUseCases, "config">,
  plan: Plan,
  instance: InstanceId,
): Promise<Pick<Promotion, "missing" | "unread">> => {
  const names = namesOf(plan);
  const missing: Promotion["missing"][number][] = [];
  const unread: string[] = [];
  for (const kind of ["connection", "pool"] as const satisfies readonly ConfigKind[]) {
    if (names[kind].length === 0) continue;
    try {
      const known = new Set((await live.config(instance, [kind])).map(({ key }) => key));
      for (const name of names[kind]) if (!known.has(name)) missing.push({ kind, name });
    } catch (error) {
      if (!isAirfleetError(error)) throw error;
      unread.push(`${kind}s: ${error.message}`);
    }
  }
  return { missing, unread };
};
