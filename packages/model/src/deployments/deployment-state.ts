/**
 * How far a pipeline's file has come on an instance. Each state is proven, never presumed:
 *
 * - `pending` recorded, not written yet · `written` the file is where the engine reads it
 * - `parsed` the engine has read a file of this DAG since · `live` it serves our hash from its serialized DAG
 * - `triggerable` a run triggered now works with this version (Airflow 2: its scheduler's cache has been waited out)
 * - `broken` the engine cannot import the file · `failed` it could not be written
 * - `superseded` a newer deployment of the same DAG took its place · `removing`, `removed` taken away again
 * - `unverified` written to where nobody can be asked whether it is live
 */
export const DEPLOYMENT_STATES = [
  "pending",
  "written",
  "parsed",
  "live",
  "triggerable",
  "broken",
  "failed",
  "superseded",
  "removing",
  "removed",
  "unverified",
] as const;
export type DeploymentState = (typeof DEPLOYMENT_STATES)[number];
