import { setTimeout as pause } from "node:timers/promises";
import { AirfleetConnectionError, type Client } from "@airfleet/sdk";
import type { Command } from "commander";
import { toSecondsText } from "../output/instant-text.ts";
import { toPlainLine } from "../output/plain-text.ts";
import { examples } from "../program/noun.ts";
import { parseWhole } from "../program/parse-options.ts";
import { act } from "../session/act.ts";
import type { Session } from "../session/session.ts";

type Arrivals = Awaited<ReturnType<Client["listReportArrivals"]>>;
type Arrival = Arrivals["items"][number];

const LOOK_EVERY_MS = 1_000;

/** Why it was not taken, or what it says. */
const whatOf = ({ outcome, code, detail, format, task_id, state }: Arrival): readonly string[] => {
  if (code !== null) return [code, detail === null ? "" : `(${detail})`];
  const subject = task_id === null ? "run" : `task ${task_id}`;
  return [state === null ? "" : `${subject} ${state}`, format ?? "", outcome === "duplicate" ? "(again)" : ""];
};

const toLine = (arrival: Arrival): string => {
  const { at, outcome, instance, dag_id, dag_run_id, ip } = arrival;
  const parts = [toSecondsText(at), outcome.padEnd(9), instance ?? "?", ip, dag_id, dag_run_id, ...whatOf(arrival)];
  return toPlainLine(parts.filter((part) => part !== null && part !== "").join("  "));
};

interface Options {
  readonly tail: number;
}

/** What came since the last look; after a time without an answer the same is asked again. */
const look = async (
  { client, output }: Session,
  query: { readonly instance?: string; readonly after?: number },
): Promise<Arrivals | undefined> => {
  try {
    return await client.listReportArrivals({ query });
  } catch (error) {
    if (!(error instanceof AirfleetConnectionError) || query.after === undefined) throw error;
    output.note(`The server does not answer (${error.message}); looking again.`);
    return undefined;
  }
};

const watch = act<Options>(async ({ session, options: { tail }, args: [instance] }) => {
  const { output } = session;
  const isForPeople = output.format === "table" || output.format === "wide";
  const wanted = instance === undefined ? {} : { instance };
  const print = (arrivals: readonly Arrival[]): void => {
    for (const one of arrivals) output.text(isForPeople ? `${toLine(one)}\n` : `${JSON.stringify(one)}\n`);
  };
  const first = await look(session, wanted);
  print(tail === 0 ? [] : (first?.items.slice(-tail) ?? []));
  output.note(`Waiting for reports${instance === undefined ? "" : ` of ${instance}`}; Ctrl-C ends it.`);
  let server = first?.server;
  let after = first?.last ?? 0;
  for (;;) {
    await pause(LOOK_EVERY_MS);
    const next = await look(session, { ...wanted, after });
    if (next === undefined) continue;
    const isSame = next.server === server;
    // Another server, or this one anew, counts from one.
    const arrivals = isSame ? next : await look(session, { ...wanted, after: 0 });
    if (arrivals === undefined) continue;
    print(arrivals.items);
    ({ server, last: after } = arrivals);
  }
});

/** `airfleet reports watch` */
export const addWatchCommand = (noun: Command): void => {
  noun
    .command("watch [instance]")
    .description("Show reports as they arrive, and those that are refused with the reason, until you stop it")
    .option("--tail <n>", "begin with the last so many", parseWhole(0, 1_000), 10)
    .addHelpText("after", examples("reports watch eu-1", "reports watch --json"))
    .action(watch);
};
