import type { Run, RunState, RunType } from "@airfleet/model";

/** What both generations call the cause of a run, in our words; a dataset became an asset in Airflow 3. */
export const toRunType = (type: string): RunType => {
  switch (type) {
    case "scheduled":
    case "backfill":
      return type;
    case "dataset_triggered":
    case "asset_triggered":
    case "asset_materialization":
      return "asset";
    default:
      return "manual";
  }
};

/** A run's conf: null on Airflow 3 means empty. */
export const toConf = (conf: unknown): Run["conf"] =>
  typeof conf === "object" && conf !== null && !Array.isArray(conf) ? (conf as Run["conf"]) : {};

/** Airflow's words for our run states: what we call cancelled it calls failed, and a lost run it does not have. */
export const toEngineStates = (states: readonly RunState[] | undefined): readonly string[] | undefined =>
  states === undefined
    ? undefined
    : [...new Set(states.flatMap((state) => (state === "lost" ? [] : [state === "cancelled" ? "failed" : state])))];
