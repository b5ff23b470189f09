import type { EventSelection, StreamItem } from "@airfleet/sdk";
import type { Command } from "commander";
import { parseClients } from "../fleet/choose-instances.ts";
import { toSecondsText } from "../output/instant-text.ts";
import type { Column } from "../output/listing.ts";
import { toPlainLine } from "../output/plain-text.ts";
import { examples } from "../program/noun.ts";
import { clientsOption, collect, parseWhole } from "../program/parse-options.ts";
import { act } from "../session/act.ts";
import type { Session } from "../session/session.ts";

type Event = Exclude<StreamItem, { readonly kind: "reset" }> & { readonly payload: Readonly<Record<string, unknown>> };

const isEvent = (item: StreamItem): item is Event => "payload" in item;

const toWord = (value: unknown): string => (typeof value === "string" ? value : JSON.stringify(value ?? null));

/** What of an event is worth a glance: where it moved from and to, else its payload. */
const summaryOf = ({ kind, payload }: Event): string => {
  const { change = "changed", before, after, state } = payload;
  if (kind === "run.changed") return `${before === null ? "new" : toWord(before)} -> ${toWord(state)}`;
  if (before === undefined && after === undefined) return JSON.stringify(payload);
  return `${toWord(change)} ${toWord(before)} -> ${toWord(after)}`;
};

const columns: readonly Column<Event>[] = [
  { header: "ID", text: (row) => row.id, alignRight: true },
  { header: "AT", text: (row) => toSecondsText(row.at) },
  { header: "KIND", text: (row) => row.kind },
  { header: "INSTANCE", text: (row) => row.instance },
  { header: "DAG", text: (row) => row.dag_id },
  { header: "RUN", text: (row) => row.dag_run_id },
  { header: "WHAT", text: summaryOf },
];

interface Options {
  readonly follow?: boolean;
  readonly clients?: string;
  readonly kind?: readonly string[];
  readonly dag?: readonly string[];
  readonly run?: string;
  readonly subject?: string;
  readonly stateWords?: string;
  readonly after?: number;
  readonly tail: number;
}

/** `type/id`, or a type alone; an id may hold more slashes. */
const toSubject = (text: string): Pick<EventSelection, "subject_type" | "subject_id"> => {
  const slash = text.indexOf("/");
  return slash === -1
    ? { subject_type: text }
    : { subject_type: text.slice(0, slash), subject_id: text.slice(slash + 1) };
};

const toSelection = (options: Options): EventSelection => ({
  ...(options.clients !== undefined && { instance: [...parseClients(options.clients)] }),
  ...(options.kind !== undefined && { kind: [...options.kind] }),
  ...(options.dag !== undefined && { dag_id: [...options.dag] }),
  ...(options.run !== undefined && { run: options.run }),
  ...(options.subject !== undefined && toSubject(options.subject)),
  ...(options.stateWords !== undefined && { state_words: options.stateWords }),
  ...(options.after === undefined ? { tail: options.tail } : { last_event_id: options.after }),
});

const warnOfGap = ({ output }: Session, item: Exclude<StreamItem, Event>): void =>
  output.warn(`airfleet: Events before ${String(item.id)} are not kept any more, or there never were any.`);

const toLine = (event: Event): string =>
  toPlainLine(
    [
      toSecondsText(event.at) ?? "",
      event.kind,
      ...[event.instance, event.dag_id, event.dag_run_id].filter((part) => part !== null),
      summaryOf(event),
    ].join("  "),
  );

const events = act<Options>(async ({ session, options }) => {
  const { client, output } = session;
  const selection = toSelection(options);
  if (options.follow !== true) {
    const rows: Event[] = [];
    for await (const item of client.events(selection, { follow: false })) {
      if (isEvent(item)) rows.push(item);
      else warnOfGap(session, item);
    }
    await output.list({ columns, rows, nameOf: (row) => String(row.id) });
    return;
  }
  const isForPeople = output.format === "table" || output.format === "wide";
  const onReconnect = (why: unknown, retryMs: number): void =>
    output.note(
      `The connection was lost (${why instanceof Error ? why.message : String(why)}); again in ${retryMs} ms.`,
    );
  for await (const item of client.events(selection, { onReconnect })) {
    if (!isEvent(item)) warnOfGap(session, item);
    // A list without an end is no document: whatever was asked for, each event is a line of its own.
    else output.text(isForPeople ? `${toLine(item)}\n` : `${JSON.stringify(item)}\n`);
  }
});

/** `airfleet events …` */
export const addEventsCommand = (program: Command): void => {
  program
    .command("events")
    .description("Show what happened last, or with --follow what happens, one event per line")
    .addOption(clientsOption("all"))
    .option("-f, --follow", "go on until you stop it; a lost connection is made anew, and nothing is missed")
    .option("--kind <kinds>", "only these kinds, such as run.changed or dag.*", collect)
    .option("--dag <dags>", "only of these DAGs", collect)
    .option("--run <run>", "only of this run: our id of it, run_…")
    .option("--subject <type/id>", "only of runs about this object, or of this type")
    .option("--state-words <words>", "run states in other words: cinco, logidata, or queued=…,running=…,…")
    .option("--after <id>", "begin after this event", parseWhole(0, Number.MAX_SAFE_INTEGER))
    .option("--tail <n>", "look back through so many events", parseWhole(0, 10_000), 50)
    .addHelpText(
      "after",
      examples(
        "events",
        "events --follow --kind run.changed --clients eu-prod-1",
        "events --follow --subject finding-aid/123 --state-words cinco --json",
      ),
    )
    .action(events);
};
