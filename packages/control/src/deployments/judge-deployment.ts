import { AirfleetError, type Dag, type DeploymentState } from "@airfleet/model";
import type { DeploymentChange, DeploymentError, DeploymentProgress, StoredDeployment } from "@airfleet/store";

/**
 * Airflow 2's scheduler keeps a DAG for ten seconds. A run that is triggered within them, after task ids changed, is
 * checked against the old DAG, loses its tasks and ends as a success (2.11.2; never seen after eleven).
 */
export const CACHE_MS = 11_000;
/** Serialized DAGs are written at most every 30 s, so that a nudge sooner than that changes nothing. */
export const NUDGE_EVERY_MS = 30_000;
/** Reads of details after one parse: the serialized DAG is written a moment after the parse is noted. */
const READS_PER_PARSE = 5;
/** After so long without an answer nobody can say whether a file is live. */
const SILENT_MS = 60_000;
/** How long the engine is asked about a file that it does not take. */
const GIVE_UP_MS = 24 * 3_600_000;
/** Nobody is told that something is late before. */
const LEAST_LATE_MS = 60_000;

const MINUTE_MS = 60_000;

/** How soon a deployment is looked at again: often while somebody waits, seldom when it takes long. */
export const lookDelayMs = (ageMs: number, isCostly: boolean): number => {
  if (ageMs < MINUTE_MS) return isCostly ? 1_000 : 500;
  if (ageMs < 10 * MINUTE_MS) return 5_000;
  return 30_000;
};

/** Since when the file is where the engine reads it. */
export const writtenAt = ({ stateTimes, createdAt }: StoredDeployment): number => stateTimes.written ?? createdAt;

/** Whether the engine's last parse is another than the one we know. */
export const hasMoved = ({ progress, isNew }: StoredDeployment, dag: Dag): boolean =>
  dag.lastParsedAt !== null && (dag.lastParsedAt !== progress.parsedAt || (isNew && progress.parsedAt === null));

/** Whether the details are worth a call: a parse that was not looked at yet, or only just. */
export const wantsDetail = (deployment: StoredDeployment, dag: Dag): boolean =>
  hasMoved(deployment, dag) || (deployment.progress.reads > 0 && deployment.progress.reads < READS_PER_PARSE);

/** Whether asking for a parse helps now. */
export const wantsNudge = ({ progress }: StoredDeployment, now: number): boolean =>
  progress.nudgedAt === null || now - progress.nudgedAt >= NUDGE_EVERY_MS;

const plain = (error: AirfleetError): DeploymentError => ({
  code: error.code,
  message: error.message,
  node: null,
  field: null,
  line: null,
});

/** What a look at the engine showed. */
export interface Look {
  readonly now: number;
  readonly generation: number;
  readonly isCostly: boolean;
  /** Undefined when the engine does not know the DAG. */
  readonly dag: Dag | undefined;
  /** The engine's documentation of it, where it was read. */
  readonly docMd: string | null | undefined;
  readonly importError: DeploymentError | null;
  readonly nudged: boolean;
  /** How the wait is explained. */
  readonly scan: { readonly seconds: number; readonly text: string };
}

const lateError = (deployment: StoredDeployment, look: Look): DeploymentError | null => {
  const since = look.now - writtenAt(deployment);
  const seconds = Math.round(since / 1_000);
  if (since < Math.max(LEAST_LATE_MS, 2_000 * look.scan.seconds)) return null;
  const { instance, target, state } = deployment;
  return plain(
    state === "parsed"
      ? new AirfleetError("DEPLOYMENT_NOT_LIVE", { instance, seconds })
      : new AirfleetError("DEPLOYMENT_NOT_SEEN", {
          instance,
          seconds,
          scan: look.scan.text,
          target: target ?? "that place",
        }),
  );
};

/** When a deployment is looked at after this, or null when it was looked at long enough. */
const nextLook = (deployment: StoredDeployment, { now, isCostly }: Pick<Look, "now" | "isCostly">): number | null => {
  const age = now - writtenAt(deployment);
  return age > GIVE_UP_MS ? null : now + lookDelayMs(age, isCostly);
};

/** What a deployment that serves our hash is next: on Airflow 2 its scheduler's cache is waited out first. */
const afterLive = (deployment: StoredDeployment, { now, generation }: Look): DeploymentChange => {
  const readyAt = (deployment.stateTimes.live ?? now) + CACHE_MS;
  const waits = generation === 2 && deployment.tasksChanged && now < readyAt;
  return waits ? { state: "live", error: null, dueAt: readyAt } : { state: "triggerable", error: null, dueAt: null };
};

/**
 * What a look at the engine makes of a deployment whose file is written. Only our hash in the serialized DAG proves that
 * this version is live: times, tags and source change earlier. A file that cannot be imported, and an engine that does
 * not answer, are looked at again: both may mend by themselves.
 */
export const judgeDeployment = (deployment: StoredDeployment, look: Look): DeploymentChange => {
  const { dag, docMd, importError, nudged, now } = look;
  const moved = dag !== undefined && hasMoved(deployment, dag);
  const reads = docMd === undefined ? deployment.progress.reads : moved ? 1 : deployment.progress.reads + 1;
  const progress: DeploymentProgress = {
    ...deployment.progress,
    parsedAt: dag?.lastParsedAt ?? deployment.progress.parsedAt,
    reads,
    nudgedAt: nudged ? now : deployment.progress.nudgedAt,
    looks: deployment.progress.looks + 1,
  };
  if (deployment.state === "live") return { ...afterLive(deployment, look), progress };
  if (docMd?.includes(deployment.artifactHash) === true) {
    const next = afterLive({ ...deployment, stateTimes: { ...deployment.stateTimes, live: now } }, look);
    // Each state has its time, so `live` is written before what follows it.
    return { ...next, state: "live", dueAt: next.dueAt ?? now, progress };
  }
  if (importError !== null) {
    return { state: "broken", error: importError, progress, dueAt: nextLook(deployment, { ...look, isCostly: true }) };
  }
  const wasRead = moved && deployment.progress.parsedAt !== null;
  const isFirstSeen = dag !== undefined && deployment.isNew;
  const state: DeploymentState = wasRead || isFirstSeen || deployment.state === "parsed" ? "parsed" : "written";
  const error = lateError({ ...deployment, state }, look);
  return { state, error, progress, dueAt: nextLook(deployment, look) };
};

/** What an engine that did not answer makes of a deployment. */
export const judgeSilence = (
  deployment: StoredDeployment,
  { error, now, isCostly }: { readonly error: AirfleetError; readonly now: number; readonly isCostly: boolean },
): DeploymentChange => {
  const { instance } = deployment;
  const told = plain(new AirfleetError("DEPLOYMENT_UNVERIFIED", { instance, reason: error.message }));
  const progress = { ...deployment.progress, looks: deployment.progress.looks + 1 };
  if (error.code === "CAPABILITY_MISSING") return { state: "unverified", error: told, progress, dueAt: null };
  const age = now - writtenAt(deployment);
  const dueAt = age > GIVE_UP_MS ? null : now + Math.max(2_000, lookDelayMs(age, isCostly));
  if (deployment.state === "live" || age < SILENT_MS) return { error: told, progress, dueAt };
  return { state: "unverified", error: told, progress, dueAt };
};
