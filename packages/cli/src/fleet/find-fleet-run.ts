import type { ItemOf } from "@airfleet/sdk";
import { CliFailure, usageFailure } from "../failure/cli-failure.ts";
import { EXIT } from "../failure/exit-codes.ts";
import type { Session } from "../session/session.ts";

/** A run as the fleet remembers it. */
export type FleetRun = ItemOf<"listFleetRuns">;

/** `run_…`, our own id. */
export const isRunKey = (text: string): boolean => /^run_[a-z2-7]{52}$/.test(text);

/** `instance/dag/run`; the engine's run id may hold slashes. */
const splitAddress = (text: string): readonly [string, string, string] | undefined => {
  const [, instance, dagId, runId] = /^([^/]+)\/([^/]+)\/(.+)$/.exec(text) ?? [];
  return instance === undefined || dagId === undefined || runId === undefined ? undefined : [instance, dagId, runId];
};

/** Whether a word names a run by itself. */
export const namesRun = (text: string): boolean => isRunKey(text) || splitAddress(text) !== undefined;

/**
 * The run that a word names: our id of it, or `instance/dag/run`.
 *
 * @throws {CliFailure} USAGE for any other word, RUN_UNKNOWN when the fleet knows no such run
 */
export const findFleetRun = async (session: Session, text: string): Promise<FleetRun> => {
  if (isRunKey(text)) return session.client.getFleetRun({ params: { run: text } });
  const address = splitAddress(text);
  if (address === undefined) {
    throw usageFailure(`"${text}" names no run.`, "Give its id (run_…) or instance/dag/run, as: airfleet runs list");
  }
  const [instance, dag_id, run_id] = address;
  const query = { instance: [instance], dag_id: [dag_id], run_id, limit: 100 };
  for await (const run of session.client.items("listFleetRuns", { query })) {
    if (run.dag_run_id === run_id) return run;
  }
  throw new CliFailure({
    code: "RUN_UNKNOWN",
    message: `The fleet knows no run "${run_id}" of DAG "${dag_id}" on "${instance}".`,
    exitCode: EXIT.notFound,
    fix: `See its runs with: airfleet runs list ${dag_id}`,
  });
};
