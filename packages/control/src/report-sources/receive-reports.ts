import { type AirfleetError, type InstanceId, isAirfleetError, type RunReport } from "@airfleet/model";
import type { Store } from "@airfleet/store";
import type { Clock } from "../clock.ts";
import type { ReportIntake } from "../inbox/report-intake.ts";
import type { Metrics } from "../metrics.ts";
import { type KeptOldReport, REPORT_ORIGINS } from "./kept-report.ts";
import { createPostingJudge } from "./judge-posting.ts";
import { readOldReport } from "./read-old-report.ts";
import { isFields, readItem, type ReadItem } from "./read-posted.ts";
import type { Arrival, ReceptionLog } from "./reception-log.ts";
import type { ReportReceipt, SignedReports } from "./report-posting.ts";
import type { UsableSource } from "./usable-source.ts";

interface SignedReportPorts {
  readonly store: Pick<Store, "inbox">;
  /** A source that is in use. */
  readonly findSource: (instance: string) => UsableSource | undefined;
  readonly listSources: () => readonly UsableSource[];
  readonly intake: Pick<ReportIntake, "take">;
  readonly log: ReceptionLog;
  readonly metrics: Metrics;
  readonly clock: Clock;
}

/** Who sent what is being taken in. */
interface Proven {
  readonly instance: InstanceId;
  readonly ip: string;
  readonly isSigned: boolean;
}

type NewArrival = Omit<Arrival, "at" | "instance" | "seq">;

/** What is kept of a report that could not be used. */
const KEPT_CHARACTERS = 262_144;

const textOf = (value: unknown): string | null => (typeof value === "string" ? value.slice(0, 250) : null);
const fieldOf = (item: unknown, ...names: readonly string[]): string | null =>
  isFields(item) ? textOf(names.map((name) => item[name]).find((value) => value !== undefined)) : null;

/** Why it was refused, in words that are not for the sender. */
const whyOf = ({ cause, message }: AirfleetError): string => (cause instanceof Error ? cause.message : message);

const NOTHING = { format: null, dagId: null, runId: null, taskId: null, state: null } as const;

const toArrival = (report: RunReport, outcome: "accepted" | "duplicate", ip: string): NewArrival => ({
  outcome,
  format: report.format,
  dagId: report.dagId,
  runId: report.runId,
  taskId: report.task?.taskId ?? null,
  state: report.task?.state ?? report.runState,
  code: null,
  detail: null,
  ip,
});

const toRejectedArrival = (item: unknown, { code, message }: AirfleetError, ip: string): NewArrival => ({
  ...NOTHING,
  outcome: "rejected",
  dagId: fieldOf(item, "dag_id"),
  runId: fieldOf(item, "dag_run_id", "run_id"),
  code,
  detail: message,
  ip,
});

export const createSignedReports = (ports: SignedReportPorts): SignedReports => {
  const { store, findSource, listSources, intake, log, metrics, clock } = ports;
  const judge = createPostingJudge(ports);

  const note = (instance: InstanceId | null, arrivals: readonly NewArrival[]): void => {
    log.add(
      arrivals.map((arrival) => ({ ...arrival, instance })),
      clock.now(),
    );
    for (const { outcome, code } of arrivals) metrics.reported({ instance: instance ?? "", outcome, code: code ?? "" });
  };

  /** Notes why a post was turned away, under the instance that it named where that has a source. */
  const noteRefusal = (error: unknown, instance: string | undefined, ip: string): void => {
    if (!isAirfleetError(error)) return;
    const known = instance === undefined ? undefined : findSource(instance)?.instance;
    note(known ?? null, [{ ...NOTHING, outcome: "refused", code: error.code, detail: whyOf(error), ip }]);
  };

  const judged = async <Value>(instance: string | undefined, ip: string, judging: Promise<Value>): Promise<Value> => {
    try {
      return await judging;
    } catch (error) {
      noteRefusal(error, instance, ip);
      throw error;
    }
  };

  const keepRejected = async (instance: InstanceId, rejected: unknown, error: AirfleetError): Promise<void> => {
    const text = JSON.stringify(rejected);
    await store.inbox.rejected.add({
      source: REPORT_ORIGINS.signed,
      messageId: null,
      instance,
      body: text.slice(0, KEPT_CHARACTERS),
      isCut: text.length > KEPT_CHARACTERS,
      reasonCode: error.code,
      reason: error.message,
      sentAt: null,
    });
  };

  /** The good ones first: what is wrong with the others must not keep them from the disk. */
  const take = async (reads: readonly ReadItem[], sender: Proven): Promise<readonly ReportReceipt[]> => {
    const { instance, ip, isSigned } = sender;
    const source = isSigned ? REPORT_ORIGINS.signed : REPORT_ORIGINS.unsigned;
    const good = reads.flatMap((read) => ("report" in read ? [read.report] : []));
    const taken = (await intake.take({ source, instance }, good)).values();
    const receipts: ReportReceipt[] = [];
    const arrivals: NewArrival[] = [];
    for (const read of reads) {
      if ("error" in read) {
        receipts.push({ eventId: fieldOf(read.item, "event_id"), outcome: "rejected", error: read.error });
        arrivals.push(toRejectedArrival(read.item, read.error, ip));
        if (isSigned) await keepRejected(instance, read.item, read.error);
        continue;
      }
      const next = taken.next().value;
      if (next === undefined) throw new Error("the intake answered for fewer reports than it was given");
      receipts.push({ eventId: read.report.eventId, outcome: next.outcome, run: next.run });
      arrivals.push(toArrival(read.report, next.outcome, ip));
    }
    note(instance, arrivals);
    return receipts;
  };

  return {
    async receive(posting) {
      const { ip } = posting;
      const { source, items, isSigned } = await judged(judge.named(posting), ip, judge.native(posting));
      const { instance } = source;
      return take(
        items.map((item) => readItem(item, instance)),
        { instance, ip, isSigned },
      );
    },

    async receiveOld(posting) {
      const { ip, path } = posting;
      const { source, claims, isSigned } = await judged(posting.instance, ip, judge.old(posting));
      const { instance } = source;
      let report: RunReport;
      try {
        report = readOldReport({ path, claims, timeZone: source.terms.time_zone });
      } catch (error) {
        if (!isAirfleetError(error)) throw error;
        note(instance, [toRejectedArrival(claims, error, ip)]);
        if (!isSigned) throw error;
        const kept: KeptOldReport = { path, time_zone: source.terms.time_zone, payload: claims };
        await keepRejected(instance, kept, error);
        return;
      }
      await take([{ item: claims, report }], { instance, ip, isSigned });
    },

    bareInstance() {
      const bare = listSources().filter(({ terms }) => terms.bare_paths);
      return bare.length === 1 ? bare[0]?.instance : undefined;
    },
  };
};
