import type { Claim } from "./claim.ts";
import { auditClaims } from "./claims/audit-claims.ts";
import { callClaims } from "./claims/call-claims.ts";
import { changeFeedClaims } from "./claims/change-feed-claims.ts";
import { clearClaims } from "./claims/clear-claims.ts";
import { configClaims } from "./claims/config-claims.ts";
import { dagClaims } from "./claims/dag-claims.ts";
import { dagFileClaims } from "./claims/dag-file-claims.ts";
import { dagListClaims } from "./claims/dag-list-claims.ts";
import { deleteClaims } from "./claims/delete-claims.ts";
import { logClaims } from "./claims/log-claims.ts";
import { logFollowClaims } from "./claims/log-follow-claims.ts";
import { nativeClaims } from "./claims/native-claims.ts";
import { pauseClaims } from "./claims/pause-claims.ts";
import { probeClaims } from "./claims/probe-claims.ts";
import { processClaims } from "./claims/process-claims.ts";
import { runClaims } from "./claims/run-claims.ts";
import { runWindowClaims } from "./claims/run-window-claims.ts";
import { stateClaims } from "./claims/state-claims.ts";
import { taskClaims } from "./claims/task-claims.ts";
import { triggerClaims } from "./claims/trigger-claims.ts";
import { triggerInputClaims } from "./claims/trigger-input-claims.ts";
import { tryClaims } from "./claims/try-claims.ts";
import type { ClaimContext } from "./context.ts";

/** Everything that the port promises, subject by subject. */
export const conformanceClaims: Readonly<Record<string, readonly Claim[]>> = {
  "the probe": probeClaims,
  "the list of DAGs": dagListClaims,
  "a DAG": dagClaims,
  "a DAG's file": dagFileClaims,
  pausing: pauseClaims,
  triggering: triggerClaims,
  "what a run is given": triggerInputClaims,
  runs: runClaims,
  "runs within a window": runWindowClaims,
  "the feed of changes": changeFeedClaims,
  tasks: taskClaims,
  tries: tryClaims,
  logs: logClaims,
  "following a log": logFollowClaims,
  clearing: clearClaims,
  "marking states": stateClaims,
  "processes of tasks": processClaims,
  "deleting runs": deleteClaims,
  "variables, connections and pools": configClaims,
  "the audit log": auditClaims,
  "native answers": nativeClaims,
  "calls themselves": callClaims,
};

/** The claims of a subject that this engine, in this place, has to keep. */
export const applicableClaims = (
  claims: readonly Claim[],
  { capabilities, host, engine }: ClaimContext,
): readonly Claim[] =>
  claims.filter(
    (claim) =>
      (claim.needs === undefined || claim.needs(capabilities)) &&
      (claim.changesFiles !== true || host.files !== undefined) &&
      (claims !== nativeClaims || engine.readNative !== undefined) &&
      (claims !== processClaims || engine.traceProcess !== undefined),
  );
