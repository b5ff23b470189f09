import { setTimeout as pause } from "node:timers/promises";
import type { ItemOf } from "@airfleet/sdk";
import { usageFailure } from "../failure/cli-failure.ts";
import { EXIT } from "../failure/exit-codes.ts";
import { findFleetRun, type FleetRun } from "../fleet/find-fleet-run.ts";
import { toSecondsText } from "../output/instant-text.ts";
import { type Column, toneOf } from "../output/listing.ts";
import { fleetRunColumns, fleetRunFields } from "../output/run-columns.ts";
import { act } from "../session/act.ts";
import type { Session } from "../session/session.ts";
import { type RunFilters, toRunQuery } from "./run-filters.ts";

/** Should the stream of events have begun too late, or not at all. */
const LOOK_AGAIN_MS = 3_000;

const ENDED: ReadonlySet<FleetRun["state"]> = new Set(["success", "failed", "cancelled", "lost"]);

/** What the fleet remembers, newest due first. */
export const readFleetRuns = async (
  session: Session,
  dagId: string | undefined,
  filters: RunFilters,
): Promise<readonly FleetRun[]> => {
  const rows: FleetRun[] = [];
  for await (const run of session.client.items("listFleetRuns", { query: toRunQuery(dagId, filters) })) {
    if (rows.push(run) >= filters.limit) break;
  }
  return rows;
};

/** Lists what the fleet remembers, newest due first. */
export const listFleetRuns = async (
  session: Session,
  dagId: string | undefined,
  filters: RunFilters,
): Promise<void> => {
  const rows = await readFleetRuns(session, dagId, filters);
  const whenEmpty = "Runs are listed once an instance was read: see airfleet status. Fewer filters find more.";
  await session.output.list({ columns: fleetRunColumns, rows, nameOf: (row) => row.id, whenEmpty });
  const stale = new Set(rows.filter((run) => run.stale).map(({ instance }) => instance));
  if (stale.size > 0) session.output.warn(`Not read for longer than promised: ${[...stale].join(", ")}.`);
};

export const showFleetRun = async (session: Session, word: string, isLive: boolean): Promise<void> => {
  const found = await findFleetRun(session, word);
  // A run that was found in a list comes without what was reported of it at length.
  const run = await session.client.getFleetRun({ params: { run: found.id }, query: { live: isLive } });
  await session.output.show(run, fleetRunFields, run.id);
};

type Observation = ItemOf<"listRunObservations">;
const observationColumns: readonly Column<Observation>[] = [
  { header: "AT", text: (row) => toSecondsText(row.at) },
  { header: "STATE", text: (row) => row.state, tone: (row) => toneOf(row.state) },
  { header: "ENGINE STATE", text: (row) => row.engine_state },
  { header: "KIND", text: (row) => row.kind },
  { header: "SOURCE", text: (row) => row.source },
  { header: "RECORDED", text: (row) => toSecondsText(row.recorded_at), isWide: true },
];

/** `airfleet runs observations <run>` */
export const observations = act(async ({ session, args: [word = ""] }) => {
  const { id } = await findFleetRun(session, word);
  const { items } = await session.client.listRunObservations({ params: { run: id } });
  await session.output.list({ columns: observationColumns, rows: items, nameOf: (row) => row.state });
});

interface OpenOptions {
  readonly task?: string;
  readonly try?: number;
  readonly mapIndex?: number;
}

const taskPage = async (session: Session, run: string, options: OpenOptions): Promise<string | undefined> => {
  const { task: task_id = "", mapIndex: map_index = -1 } = options;
  if (options.try !== undefined) {
    const { items } = await session.client.listFleetRunTries({ params: { run, task_id }, query: { map_index } });
    return items.find(({ try_number }) => try_number === options.try)?.ui_url;
  }
  const { items } = await session.client.listFleetRunTasks({ params: { run } });
  return items.find((task) => task.task_id === task_id && task.map_index === map_index)?.ui_url;
};

/** `airfleet runs open <run>`: prints where the engine's own UI shows it. */
export const openRun = act<OpenOptions>(async ({ session, options, args: [word = ""] }) => {
  const run = await findFleetRun(session, word);
  const url = options.task === undefined ? run.ui_url : await taskPage(session, run.id, options);
  if (url === undefined || url === null) {
    throw usageFailure("There is no such page.", `See its tasks with: airfleet runs show ${run.id}`);
  }
  session.output.text(`${url}\n`);
});

/** `airfleet runs watch <run>`: a line for each change, until it has ended; 1 when it did not succeed. */
export const watchRun = act(async ({ session, args: [word = ""] }) => {
  const { id } = await findFleetRun(session, word);
  const abort = new AbortController();
  let told: string | undefined;
  const tell = async (): Promise<FleetRun> => {
    const run = await session.client.getFleetRun({ params: { run: id } });
    if (run.state !== told) session.output.text(`${toSecondsText(run.changed_at) ?? ""} ${run.state}\n`);
    told = run.state;
    return run;
  };
  const selection = { run: id, kind: ["run.changed"] } as Parameters<Session["client"]["events"]>[0];
  const changes = session.client.events(selection, { signal: abort.signal });
  let coming = changes.next();
  let run = await tell();
  while (!ENDED.has(run.state)) {
    // What changed before the stream had begun is found by looking again.
    const came = await Promise.race([coming, pause(LOOK_AGAIN_MS, undefined)]);
    if (came !== undefined) coming = changes.next();
    run = await tell();
  }
  coming.catch(() => undefined);
  abort.abort();
  return run.state === "success" ? EXIT.ok : EXIT.failure;
});
