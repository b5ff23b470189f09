import type { DeployConfig } from "@airfleet/model";
import type { ScanEstimate } from "./deployment.ts";

/** What Airflow is shipped with: new files, and what is known already with the 30 s before it is serialized again. */
const SHIPPED_SECONDS = { new: 300, known: 30 } as const;
/** How long a file takes that Airflow was asked to look at. */
const NUDGED_SECONDS = 5;

const median = (values: readonly number[]): number =>
  values.toSorted((left, right) => left - right)[values.length >> 1] ?? 0;

/** What can honestly be said of how long an instance takes to notice a file. */
export const estimateScan = (facts: {
  readonly deploy: Pick<DeployConfig, "scan_seconds"> | undefined;
  readonly isNew: boolean;
  /** Milliseconds that the last ones took there. */
  readonly waits: readonly number[];
  readonly canNudge: boolean;
}): ScanEstimate => {
  const { deploy, isNew, waits, canNudge } = facts;
  if (deploy?.scan_seconds !== undefined) {
    const seconds = deploy.scan_seconds;
    return { seconds, source: "configured", text: `this Airflow scans every ${seconds} s` };
  }
  if (waits.length > 0) {
    const seconds = Math.max(1, Math.ceil(median(waits) / 1_000));
    return { seconds, source: "learned", text: `the last deployments to this instance took ${seconds} s` };
  }
  if (canNudge && !isNew) {
    return { seconds: NUDGED_SECONDS, source: "nudged", text: "this Airflow is asked to look at the file at once" };
  }
  const seconds = isNew ? SHIPPED_SECONDS.new : SHIPPED_SECONDS.known;
  return { seconds, source: "shipped", text: `an Airflow as it is shipped scans every ${seconds} s` };
};
