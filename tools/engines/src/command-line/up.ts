import { startAirflow } from "../airflow/start-airflow.ts";
import { stopAirflow } from "../airflow/stop-airflow.ts";
import type { CacheLayout } from "../cache/layout.ts";
import { listDagsters, stopDagster } from "../dagster/dagster-state.ts";
import { startDagster } from "../dagster/start-dagster.ts";
import { identifySelf } from "../process/identity.ts";
import type { Progress } from "../progress.ts";
import { GENERATIONS, type InstanceState, listInstanceIds, readInstanceState } from "../state/instance-state.ts";
import type { Command } from "./arguments.ts";
import { reportEngines, toTable } from "./describe-engines.ts";

type Up = Extract<Command, { verb: "up" }>;

/** Stops every engine that belongs to this process, also those that are still starting. */
const stopOwned = async (layout: CacheLayout): Promise<void> => {
  const self = await identifySelf();
  const states = await Promise.all((await listInstanceIds(layout)).map((id) => readInstanceState(layout, id)));
  const isOwned = ({ owner }: InstanceState): boolean => owner?.pid === self.pid && owner.startTime === self.startTime;
  const owned = states.filter((state) => state !== undefined).filter(isOwned);
  const dagsters = (await listDagsters(layout)).filter(
    ({ owner }) => owner?.pid === self.pid && owner.startTime === self.startTime,
  );
  await Promise.all([
    ...owned.map((state) => stopAirflow(layout, state)),
    ...dagsters.map((state) => stopDagster(layout, state)),
  ]);
};

const untilInterrupted = (): Promise<NodeJS.Signals> =>
  new Promise((resolve) => {
    for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.once(signal, resolve);
  });

/** Starts what was asked for, all at once. If one fails, the others of this command are stopped too. */
const startAll = async (layout: CacheLayout, command: Up, progress: Progress): Promise<readonly string[]> => {
  const { defaultIntervals, dags, password, detach } = command;
  const counts = { 2: command.airflow2, 3: command.airflow3 };
  const wanted = GENERATIONS.flatMap((generation) => Array.from({ length: counts[generation] }, () => generation));
  const outcomes = await Promise.allSettled([
    ...wanted.map((generation) =>
      startAirflow({ generation, defaultIntervals, dags, password, detached: detach, progress, layout }),
    ),
    ...Array.from({ length: command.dagster }, () => startDagster({ detached: detach, progress, layout })),
  ]);
  const ready = outcomes.filter((outcome) => outcome.status === "fulfilled").map((outcome) => outcome.value);
  const failure = outcomes.find((outcome) => outcome.status === "rejected");
  if (failure === undefined) return ready.map(({ id }) => id);
  await Promise.all(ready.map((engine) => engine.stop()));
  throw failure.reason;
};

/** `up`: starts engines, prints where they are and, unless detached, holds them until a signal comes. */
export const up = async (layout: CacheLayout, command: Up, progress: Progress): Promise<void> => {
  const interrupted = untilInterrupted();
  const started = startAll(layout, command, progress);
  const first = await Promise.race([started, interrupted]);
  if (typeof first !== "string") {
    const reports = await reportEngines(layout, first);
    process.stdout.write(`${command.json ? JSON.stringify(reports, null, 2) : toTable(reports)}\n`);
    if (command.detach) return;
    progress("press Ctrl-C to stop them");
  }
  // Waiting for a signal does not keep Node alive by itself.
  const alive = setInterval(() => undefined, 60_000);
  const signal = await interrupted;
  clearInterval(alive);
  progress(`${signal}: stopping`);
  // What fails because it is being stopped while it starts is no news.
  started.catch(() => undefined);
  await stopOwned(layout);
};
