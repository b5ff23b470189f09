import { AirfleetApiError, type Client } from "@airfleet/sdk";
import { CliFailure } from "../failure/cli-failure.ts";
import { EXIT } from "../failure/exit-codes.ts";
import type { Session } from "../session/session.ts";
import { chooseInstances, type Instance } from "./choose-instances.ts";
import { gather } from "./gather.ts";

export type Run = Awaited<ReturnType<Client["getRun"]>>;

/** A run with the instance that has it. */
export interface FoundRun {
  readonly instance: Instance;
  readonly run: Run;
}

const isMissing = (error: unknown): boolean => error instanceof AirfleetApiError && error.status === 404;

/**
 * The instances that have this run, out of those named or of all enabled ones.
 *
 * @throws {CliFailure} RUN_UNKNOWN when nobody has it
 * @throws what an instance answered, when none has it and one could not be asked
 */
export const findRuns = async (
  session: Session,
  address: { readonly dagId: string; readonly runId: string },
  clients: string | undefined,
): Promise<readonly FoundRun[]> => {
  const instances = await chooseInstances(session, clients);
  const asked = await gather(instances, ({ id }) =>
    session.client.getRun({ params: { instance: id, dag_id: address.dagId, dag_run_id: address.runId } }),
  );
  const found = asked.flatMap((one) => (one.ok ? [{ instance: one.item, run: one.answer }] : []));
  if (found.length > 0) return found;
  for (const one of asked) if (!one.ok && !isMissing(one.error)) throw one.error;
  throw new CliFailure({
    code: "RUN_UNKNOWN",
    message: `There is no run "${address.runId}" of DAG "${address.dagId}" on ${instances.map(({ id }) => id).join(", ")}.`,
    exitCode: EXIT.notFound,
    fix: `See its runs with: airfleet runs list ${address.dagId}`,
  });
};

/**
 * The one instance that has this run. When only one comes into question it is not asked: the read that follows tells.
 *
 * @throws {CliFailure} RUN_AMBIGUOUS when several have it
 */
export const findRunInstance = async (
  session: Session,
  address: { readonly dagId: string; readonly runId: string },
  clients: string | undefined,
): Promise<Instance> => {
  const candidates = await chooseInstances(session, clients);
  const [only, ...rest] = candidates;
  if (only !== undefined && rest.length === 0) return only;
  const [first, ...others] = await findRuns(session, address, clients);
  if (first !== undefined && others.length === 0) return first.instance;
  const ids = [first, ...others].map((found) => found?.instance.id).join(", ");
  throw new CliFailure({
    code: "RUN_AMBIGUOUS",
    message: `Several instances have the run "${address.runId}": ${ids}.`,
    exitCode: EXIT.usage,
    fix: "Name one of them with --clients.",
  });
};
