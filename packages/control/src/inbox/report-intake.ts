import { AirfleetError, type InstanceId, type RunKey, type RunReport } from "@airfleet/model";
import { type NewReport, runKeyOf, type Store } from "@airfleet/store";
import type { Clock } from "../clock.ts";
import type { Redact } from "../triggers/secret-names.ts";
import type { ReportApplier } from "./apply-reports.ts";
import { type ApplicableReport, toApplicable, toContent } from "./applicable-report.ts";
import { reportKind } from "./report-kind.ts";
import { withoutConf } from "./without-conf.ts";

/** Who sent reports: under which name they came, and the instance that they are of. */
export interface ReportSender {
  /** `http`, the id of an event source, … */
  readonly source: string;
  readonly instance: InstanceId;
}

/** What became of a report that was understood. */
export interface ReportTaken {
  readonly outcome: "accepted" | "duplicate";
  readonly run: RunKey;
}

/** The one way in for what others tell us of runs, whatever they tell it in. */
export interface ReportIntake {
  /**
   * Takes reports in. When this answers they are on the disk; what they say is noted of their runs right afterwards, by
   * somebody else when this process dies. A report that was taken before is a duplicate: by its sender's id for ever, by
   * its content for a minute.
   *
   * @returns What became of each, in the order given
   * @throws {AirfleetError} REPORTS_BUSY, STORE_BUSY, STORE_UNAVAILABLE: nothing is lost, the sender is to send them again
   */
  take(sender: ReportSender, reports: readonly RunReport[]): Promise<readonly ReportTaken[]>;
  /** Answers when what has been taken of this instance so far is noted of its runs, or is left to be noted later. */
  applied(instance: InstanceId): Promise<void>;
  /** Lets what is being written end. */
  stop(): Promise<void>;
}

interface IntakePorts {
  readonly store: Pick<Store, "inbox">;
  readonly applier: ReportApplier;
  readonly clock: Clock;
  /** The conf without secrets. */
  readonly redact: Redact;
}

/** Whoever calls within this time shares one transaction: a commit costs as much as many rows. */
const GATHER_MS = 2;
/** Rows of one transaction: more would keep other writers waiting for longer than anybody notices. */
const BATCH = 200;
/** Reports that wait for the disk or for their runs, at most: some seconds of the highest rate. */
const MOST_WAITING = 20_000;
const MOST_WAITING_CHARACTERS = 100_000_000;
/** A publisher that repeats itself does so within seconds; the same words a minute later are about another attempt. */
const SAME_WITHIN_MS = 60_000;
const RETRY_AFTER_SECONDS = 1;

interface Call {
  readonly rows: readonly NewReport[];
  readonly applicable: readonly ApplicableReport[];
  readonly characters: number;
  readonly resolve: (taken: readonly ReportTaken[]) => void;
  readonly reject: (error: unknown) => void;
}

const lengthOf = (rows: readonly NewReport[]): number =>
  rows.reduce((sum, { message, content }) => sum + message.length + content.length, 0);

export const createReportIntake = ({ store, applier, clock, redact }: IntakePorts): ReportIntake => {
  let queue: Call[] = [];
  let waiting = 0;
  let waitingCharacters = 0;
  let writing: Promise<void> | undefined;

  const toRow = ({ source, instance }: ReportSender, report: RunReport, applicable: ApplicableReport): NewReport => {
    const { task, format, eventId } = report;
    const now = clock.now();
    return {
      source,
      instance,
      // Two senders may choose the same id; a queue's own ids are its own.
      messageId: eventId === null || format === "rikolti" ? eventId : `${instance}/${eventId}`,
      contentHash: report.contentHash,
      dagId: report.dagId,
      runId: report.runId,
      kind: reportKind(report),
      taskId: task?.taskId ?? null,
      tryNumber: task?.tryNumber ?? null,
      mapIndex: task?.mapIndex ?? null,
      ...withoutConf(report),
      isError:
        report.details.error !== undefined ||
        (format !== "rikolti" && (report.runState === "failed" || task?.state === "failed")),
      sentAt: report.sentAt ?? now,
      format,
      runState: report.runState,
      isKnownByContent: format === "rikolti" || eventId === null,
      content: toContent(applicable, (conf) => redact(conf, { instance, dagId: report.dagId })),
    };
  };

  const nextBatch = (): readonly Call[] => {
    let rows = 0;
    const full = queue.findIndex((call) => {
      rows += call.rows.length;
      return rows >= BATCH;
    });
    const batch = full < 0 ? queue : queue.slice(0, full + 1);
    queue = queue.slice(batch.length);
    return batch;
  };

  const write = async (batch: readonly Call[]): Promise<void> => {
    try {
      const kept = await store.inbox.reports.keep(
        batch.flatMap(({ rows }) => rows),
        SAME_WITHIN_MS,
      );
      let index = 0;
      const fresh: ApplicableReport[] = [];
      for (const { rows, applicable, resolve } of batch) {
        const taken = rows.map((row, place): ReportTaken => {
          const report = kept[index++];
          const known = applicable[place];
          if (report !== undefined && report !== null && known !== undefined) fresh.push({ ...known, ...report });
          return { outcome: report === null ? "duplicate" : "accepted", run: runKeyOf(row) };
        });
        resolve(taken);
      }
      applier.add(fresh);
    } catch (error) {
      for (const { reject } of batch) reject(error);
    } finally {
      for (const { rows, characters } of batch) {
        waiting -= rows.length;
        waitingCharacters -= characters;
      }
    }
  };

  const writeAll = async (): Promise<void> => {
    await new Promise((resolve) => setTimeout(resolve, GATHER_MS));
    while (queue.length > 0) await write(nextBatch());
    writing = undefined;
  };

  return {
    take(sender, reports) {
      if (reports.length === 0) return Promise.resolve([]);
      const applicable = reports.map((report) => toApplicable(sender.instance, report));
      const rows = reports.flatMap((report, index) => {
        const known = applicable[index];
        return known === undefined ? [] : [toRow(sender, report, known)];
      });
      const characters = lengthOf(rows);
      const behind = waiting + applier.waiting();
      if (behind + rows.length > MOST_WAITING || waitingCharacters + characters > MOST_WAITING_CHARACTERS) {
        const options = { retryAfterSeconds: RETRY_AFTER_SECONDS };
        return Promise.reject(new AirfleetError("REPORTS_BUSY", { waiting: behind, limit: MOST_WAITING }, options));
      }
      waiting += rows.length;
      waitingCharacters += characters;
      return new Promise((resolve, reject) => {
        queue.push({ rows, applicable, characters, resolve, reject });
        writing ??= writeAll();
      });
    },

    applied: (instance) => applier.applied(instance),

    async stop() {
      await writing;
    },
  };
};
