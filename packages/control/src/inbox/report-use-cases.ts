import { AirfleetError, type InstanceId, isAirfleetError, type RunKey } from "@airfleet/model";
import type {
  Arrival,
  ArrivalQuery,
  RejectedReportQuery,
  Store,
  StoredRejectedReport,
  StoredReport,
} from "@airfleet/store";
import { isInScope } from "../access/instance-scope.ts";
import type { Actor } from "../actor.ts";
import { isSignedOrigin, readKeptReport } from "../report-sources/kept-report.ts";
import type { EventSources } from "./event-sources.ts";
import type { Inbox, Reception, Sender } from "./inbox.ts";
import type { ReportIntake } from "./report-intake.ts";
import { reportKind } from "./report-kind.ts";

interface PageOf<Item> {
  readonly items: readonly Item[];
  readonly next: string | null;
}

/** What trying rejected messages again gave. */
export interface RetryOutcome {
  readonly tried: number;
  readonly accepted: number;
  readonly rejected: number;
}

/** What others tell us of runs. */
export interface ReportUseCases {
  /** Takes in messages that were posted for one instance. @throws {AirfleetError} STORE_BUSY, STORE_UNAVAILABLE */
  postToInstance(actor: Actor, instance: InstanceId, texts: readonly string[]): Promise<readonly Reception[]>;
  /** Takes in messages that name their instance by its host. @throws {AirfleetError} DOCUMENT_UNKNOWN */
  postToSource(actor: Actor, source: string, texts: readonly string[]): Promise<readonly Reception[]>;
  /** Whatever came, newest first; with `instances`, without what named no known one. */
  listArrivals(query: ArrivalQuery): Promise<PageOf<Arrival>>;
  /** Of one run, oldest first. */
  list(query: { readonly run: RunKey; readonly limit: number; readonly after?: string }): Promise<PageOf<StoredReport>>;
  /** Messages that could not be used, oldest first; those of no known instance only for who may see all. */
  listRejected(actor: Actor, query: Omit<RejectedReportQuery, "instances">): Promise<PageOf<StoredRejectedReport>>;
  /** @throws {AirfleetError} REJECTED_REPORT_UNKNOWN */
  retry(actor: Actor, id: string): Promise<Reception>;
  /** Tries all of them once. */
  retryAll(actor: Actor): Promise<RetryOutcome>;
  /** @throws {AirfleetError} REJECTED_REPORT_UNKNOWN */
  drop(actor: Actor, id: string): Promise<void>;
}

interface ReportPorts {
  readonly store: Pick<Store, "inbox" | "audit">;
  readonly inbox: Inbox;
  readonly intake: Pick<ReportIntake, "applied" | "take">;
  readonly sources: EventSources;
  readonly instances: () => readonly { readonly id: InstanceId }[];
  readonly onWritten: () => void;
}

const RETRY_PAGE = 200;

const seesAll = (actor: Actor): boolean => actor.instances.includes("*");

const mayNameFor =
  (actor: Actor) =>
  (instance: InstanceId): boolean =>
    isInScope(actor, instance);

export const createReportUseCases = (ports: ReportPorts): ReportUseCases => {
  const { store, inbox, intake, sources, instances, onWritten } = ports;
  const { arrivals, rejected, reports } = store.inbox;

  const note = async (
    actor: Actor,
    verb: string,
    details: Readonly<Record<string, unknown>>,
    instance?: InstanceId,
  ) => {
    const { id, sourceIp, requestId } = actor;
    const place = instance === undefined ? {} : { instance };
    await store.audit.append({ actor: id, verb, outcome: "done", details, sourceIp, requestId, ...place });
    onWritten();
  };

  const receiveAll = async (texts: readonly string[], sender: Sender): Promise<readonly Reception[]> => {
    const receptions: Reception[] = [];
    for (const text of texts) receptions.push(await inbox.receive({ text }, sender));
    // Whoever looks at the run after our answer sees what it was told.
    const told = receptions.flatMap((one) => (one.outcome === "rejected" ? [] : [one.instance]));
    await Promise.all([...new Set(told)].map((instance) => intake.applied(instance)));
    return receptions;
  };

  /** One row for a whole request, with counts: the messages themselves are kept beside their runs. */
  const audit = (actor: Actor, source: string, receptions: readonly Reception[], instance?: InstanceId) => {
    const count = (outcome: Reception["outcome"]): number => receptions.filter((one) => one.outcome === outcome).length;
    const counts = { accepted: count("accepted"), duplicate: count("duplicate"), rejected: count("rejected") };
    return note(actor, "report:receive", { source, ...counts }, instance);
  };

  /** Where it came from decides again which instance it is of: the source may have been mended since. */
  const senderOf = ({ source, instance }: StoredRejectedReport, actor: Actor): Sender => {
    const named = sources.documents.find(source)?.meaning;
    return {
      source,
      instance: instance ?? named?.instance,
      hosts: named?.hosts,
      mayName: mayNameFor(actor),
    };
  };

  /** What an instance had signed is read as what it is: as a message of a publisher it would mean something else. */
  const tryToReport = async ({ body, source }: StoredRejectedReport, instance: InstanceId): Promise<Reception> => {
    try {
      const report = readKeptReport(body, instance);
      const [taken] = await intake.take({ source, instance }, [report]);
      if (taken === undefined) throw new Error("a report was taken in without an answer");
      return { ...taken, instance, dagId: report.dagId, runId: report.runId, kind: reportKind(report) };
    } catch (error) {
      if (!isAirfleetError(error) || !error.code.startsWith("REPORT_")) throw error;
      return { outcome: "rejected", id: null, error };
    }
  };

  const tryToReceive = (report: StoredRejectedReport, actor: Actor): Promise<Reception> => {
    if (report.instance !== null && isSignedOrigin(report.source)) return tryToReport(report, report.instance);
    const sent = {
      ...(report.messageId === null ? {} : { messageId: report.messageId }),
      // What was first received when we had no use for it is no older for that.
      sentAt: report.sentAt ?? report.receivedAt,
    };
    return inbox.tryToReceive({ text: report.body, ...sent }, senderOf(report, actor));
  };

  const tryAgain = async (actor: Actor, report: StoredRejectedReport): Promise<Reception> => {
    const reception = await tryToReceive(report, actor);
    if (reception.outcome === "rejected") {
      await rejected.failAgain(report.id, { reasonCode: reception.error.code, reason: reception.error.message });
      return { ...reception, id: report.id };
    }
    await rejected.remove(report.id);
    return reception;
  };

  const find = async (actor: Actor, id: string): Promise<StoredRejectedReport> => {
    const report = await rejected.find(id);
    const isVisible =
      report?.instance === null ? seesAll(actor) : report !== undefined && isInScope(actor, report.instance);
    if (report === undefined || !isVisible) throw new AirfleetError("REJECTED_REPORT_UNKNOWN", { report: id });
    return report;
  };

  const listVisible = (actor: Actor, query: Omit<RejectedReportQuery, "instances">) => {
    if (seesAll(actor)) return rejected.list(query);
    const visible = instances().filter(({ id }) => isInScope(actor, id));
    return rejected.list({ ...query, instances: visible.map(({ id }) => id) });
  };

  return {
    async postToInstance(actor, instance, texts) {
      const receptions = await receiveAll(texts, { source: "http", instance });
      await audit(actor, "http", receptions, instance);
      return receptions;
    },

    async postToSource(actor, source, texts) {
      await sources.documents.refresh();
      const meaning = sources.documents.find(source)?.meaning;
      if (meaning === undefined || !meaning.enabled) {
        throw new AirfleetError("DOCUMENT_UNKNOWN", { kind: "event source", id: source });
      }
      const { instance, hosts } = meaning;
      const receptions = await receiveAll(texts, { source, instance, hosts, mayName: mayNameFor(actor) });
      await audit(actor, source, receptions);
      return receptions;
    },

    listArrivals: (query) => arrivals.list(query),
    list: (query) => reports.list(query),
    listRejected: listVisible,

    async retry(actor, id) {
      const reception = await tryAgain(actor, await find(actor, id));
      await note(actor, "report:retry", { report: id, outcome: reception.outcome });
      return reception;
    },

    async retryAll(actor) {
      let tried = 0;
      let accepted = 0;
      let after: string | null = null;
      do {
        const page: PageOf<StoredRejectedReport> = await listVisible(actor, {
          limit: RETRY_PAGE,
          ...(after === null ? {} : { after }),
        });
        for (const report of page.items) {
          tried += 1;
          if ((await tryAgain(actor, report)).outcome !== "rejected") accepted += 1;
        }
        after = page.next;
      } while (after !== null);
      await note(actor, "report:retry", { tried, accepted });
      return { tried, accepted, rejected: tried - accepted };
    },

    async drop(actor, id) {
      const { reasonCode, source } = await find(actor, id);
      await rejected.remove(id);
      await note(actor, "report:drop", { report: id, source, reason: reasonCode });
    },
  };
};
