import path from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { reasonOf } from "../errors.ts";
import type { Progress } from "../progress.ts";
import { type AirflowAddress, authorize, findUnhealthyParts, readParsedFiles } from "./api.ts";
import { findDagFiles } from "./dags-folder.ts";

const LOOK_EVERY_MS = 400;
/** Files that show neither a DAG nor an error by then (modules that others import, say) are told, not waited for. */
const QUIET_FILES_WITHIN_MS = 60_000;

export interface Readiness {
  readonly address: AirflowAddress;
  readonly dagsFolder: string;
  readonly withinMs: number;
  readonly progress: Progress;
  /** Aborted when waiting has become pointless. */
  readonly signal: AbortSignal;
}

export type ReadinessOutcome = { readonly ready: true } | { readonly ready: false; readonly reason: string };

const findUnparsed = async (
  { address, dagsFolder }: Readiness,
  wanted: readonly string[],
): Promise<readonly string[]> => {
  const { files } = await readParsedFiles(address, await authorize(address));
  return wanted.filter((file) => !files.has(file) && !files.has(path.join(dagsFolder, file)));
};

/** Waits until the health route calls every part healthy and each DAG file has given DAGs or an import error. */
export const waitUntilReady = async (readiness: Readiness): Promise<ReadinessOutcome> => {
  const wanted = await findDagFiles(readiness.dagsFolder);
  const began = Date.now();
  let reason = "it does not answer yet";
  for (; Date.now() - began < readiness.withinMs && !readiness.signal.aborted; await delay(LOOK_EVERY_MS)) {
    try {
      const unhealthy = await findUnhealthyParts(readiness.address);
      reason = `not healthy: ${unhealthy.join(", ")}`;
      if (unhealthy.length > 0) continue;
      const unparsed = await findUnparsed(readiness, wanted);
      if (unparsed.length === 0) return { ready: true };
      reason = `not parsed: ${unparsed.join(", ")}`;
      if (Date.now() - began > QUIET_FILES_WITHIN_MS) {
        readiness.progress(`no DAG and no error from: ${unparsed.join(", ")}`);
        return { ready: true };
      }
    } catch (error) {
      reason = reasonOf(error);
    }
  }
  return { ready: false, reason };
};
