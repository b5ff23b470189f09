import { access, mkdir, mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import type { Engine } from "@airfleet/engine";
import { ensureWheel, type Generation, type RunningAirflow, startAirflow } from "@airfleet/tools-engines";
import { hostOf } from "../../../airflow/test/conformance/instance-under-trial.ts";

const DAGS = path.join(import.meta.dirname, "dags");
const PLUGINS = path.join(import.meta.dirname, "plugins");

const ANSWERS_WITHIN_MS = 120_000;

/** How long listeners took for one event. */
export interface HookTime {
  readonly event: string;
  readonly pid: number;
  readonly took_ms: number;
}

/** A private Airflow with the package of this checkout, whose plugin reports to us. */
export interface ReportingAirflow extends AsyncDisposable {
  readonly airflow: RunningAirflow;
  /** Its API, past whatever stands between it and us. */
  readonly engine: Engine;
  /** A directory of its own that lives as long as it does. */
  readonly place: string;
  /** Starts everything that runs tasks and fires hooks anew, with these variables changed, and waits until it answers. */
  restart(changes: Readonly<Record<string, string | null>>): Promise<void>;
  /** The same for the scheduler and its tasks alone. */
  restartWorkers(changes: Readonly<Record<string, string | null>>): Promise<void>;
  /** Whether the command of a run of `rp_dying` has begun; its hook has fired before. */
  hasBegun(runId: string): Promise<boolean>;
  hookTimes(): Promise<readonly HookTime[]>;
  /** What the sender last said of itself; undefined before it said anything. */
  senderStatus(): Promise<SenderStatus | undefined>;
  /** Ends the process that delivers; the next hook starts another. */
  endSender(): Promise<void>;
}

/** The part of the sender's `status.json` that tests look at. */
export interface SenderStatus {
  readonly state: "delivering" | "waiting" | "refused" | "unconfigured";
  readonly pid: number;
  readonly code: string;
  readonly waiting_bytes: number;
  readonly skew_seconds: number;
}

/** Whatever fires hooks: the processes of tasks are children of the scheduler. */
const REPORTERS: Readonly<Record<Generation, readonly string[]>> = {
  2: ["scheduler"],
  3: ["scheduler", "api-server"],
};

const answers = (url: string): Promise<boolean> =>
  fetch(url).then(
    ({ ok }) => ok,
    () => false,
  );

/** @param environment The plugin's settings. */
export const startReportingAirflow = async (
  generation: Generation,
  environment: Readonly<Record<string, string>>,
): Promise<ReportingAirflow> => {
  const place = await mkdtemp(path.join(tmpdir(), "airfleet-reporting-"));
  const timing = path.join(place, "hook-times.jsonl");
  const spool = path.join(place, "spool");
  const marks = path.join(place, "marks");
  await mkdir(marks);
  const { site } = await ensureWheel();
  const airflow = await startAirflow({
    generation,
    dags: DAGS,
    pythonPath: [site],
    environment: {
      AIRFLOW__CORE__PLUGINS_FOLDER: PLUGINS,
      // Tasks whose clock is an hour off must be able to speak to their own Airflow 3.
      AIRFLOW__API_AUTH__JWT_LEEWAY: "7200",
      AIRFLEET_SPOOL_DIR: spool,
      HOOK_TIMING_FILE: timing,
      REPORTED_MARKS: marks,
      ...environment,
    },
  });
  const engine = hostOf(airflow).open({});
  const senderStatus = async (): Promise<SenderStatus | undefined> => {
    const text = await readFile(path.join(spool, "status.json"), "utf8").catch(() => undefined);
    return text === undefined ? undefined : (JSON.parse(text) as SenderStatus);
  };
  const restart = async (names: readonly string[], changes: Readonly<Record<string, string | null>>): Promise<void> => {
    for (const name of names) await airflow.killComponent(name, { graceMs: 4_000 });
    for (const name of names) await airflow.startComponent(name, changes);
    for (const until = Date.now() + ANSWERS_WITHIN_MS; !(await answers(airflow.url)) && Date.now() < until; )
      await pause(300);
  };
  return {
    airflow,
    engine,
    place,
    restart: (changes) => restart(REPORTERS[generation], changes),
    restartWorkers: (changes) => restart(["scheduler"], changes),
    hasBegun: (runId) =>
      access(path.join(marks, runId)).then(
        () => true,
        () => false,
      ),
    hookTimes: async () =>
      (await readFile(timing, "utf8").catch(() => ""))
        .split("\n")
        .filter((line) => line !== "")
        .map((line) => JSON.parse(line) as HookTime),
    senderStatus,
    endSender: async () => {
      const { pid } = (await senderStatus()) ?? {};
      const command = await readFile(`/proc/${pid}/environ`, "latin1").catch(() => "");
      // A number that another process has by now is not signalled.
      if (pid !== undefined && command.includes(spool)) process.kill(pid, "SIGTERM");
    },
    [Symbol.asyncDispose]: async () => {
      await engine.close();
      await airflow[Symbol.asyncDispose]();
      await rm(place, { recursive: true, force: true });
    },
  };
};
