import { AirfleetError } from "./errors/airfleet-error.ts";
import { type RunId, toRunId } from "./ids.ts";

/** What both generations of Airflow accept in a run id that a client chooses; measured on 2.11.2 and 3.3.2. */
export const RUN_ID_PATTERN = /^[A-Za-z0-9_.~:+-]{1,250}$/;

/** Prefixes that the engines keep for runs of their own. */
export const RESERVED_RUN_ID_PREFIXES = [
  "scheduled__",
  "backfill__",
  "dataset_triggered__",
  "asset_triggered__",
  "asset_materialization__",
] as const;

/**
 * Checks a run id before it is sent. Airflow 2 answers a bad one with an HTML page and status 500, so asking the
 * server is no way to find out.
 *
 * @throws {AirfleetError} RUN_ID_INVALID naming the rule that is broken.
 */
export const checkNewRunId = (value: string): RunId => {
  const refuse = (reason: string): never => {
    throw new AirfleetError("RUN_ID_INVALID", { run_id: value, reason });
  };
  if (!RUN_ID_PATTERN.test(value)) refuse("only A-Z a-z 0-9 _ . ~ : + - are allowed, 1 to 250 characters");
  if (value.includes("..")) refuse("two dots in a row are refused by Airflow 3");
  const prefix = RESERVED_RUN_ID_PREFIXES.find((reserved) => value.startsWith(reserved));
  if (prefix !== undefined) refuse(`the prefix "${prefix}" is reserved for runs that the engine creates itself`);
  return toRunId(value);
};
