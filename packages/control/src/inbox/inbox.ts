import { AirfleetError, type InstanceId, isAirfleetError, isTerminalRunState, type RunKey } from "@airfleet/model";
import { runKeyOf, type ReportKind, type Store } from "@airfleet/store";
import type { Clock } from "../clock.ts";
import type { RunTracker } from "../runs/run-tracker.ts";
import { findInstanceByHost, type KnownAddress } from "./find-instance.ts";
import { readEnvelope, type Unpacked } from "./read-envelope.ts";
import { readReport, type Report } from "./read-report.ts";

/** A message as it came. */
export interface IncomingMessage {
  /** JSON: the SNS envelope, or the bare message. */
  readonly text: string;
  /** The queue's own id of it, for messages without an envelope. */
  readonly messageId?: string;
  /** When the queue got it, epoch milliseconds, for messages without an envelope. */
  readonly sentAt?: number;
}

/** Who sent it, and whose it can be. */
export interface Sender {
  /** `http`, or the id of an event source. */
  readonly source: string;
  /** Whatever host a message names, it is of this instance. */
  readonly instance?: InstanceId | undefined;
  readonly hosts?: Readonly<Record<string, InstanceId>> | undefined;
  /** Instances that the sender may speak of; undefined: all. Others are as if they did not exist. */
  readonly mayName?: ((instance: InstanceId) => boolean) | undefined;
}

/** What became of a message. */
export type Reception =
  | {
      readonly outcome: "accepted" | "duplicate";
      readonly instance: InstanceId;
      readonly dagId: string;
      readonly runId: string;
      readonly run: RunKey;
      readonly kind: ReportKind;
    }
  | { readonly outcome: "rejected"; readonly id: string | null; readonly error: AirfleetError };

/** Takes in what others tell us of runs. */
export interface Inbox {
  /**
   * Takes one message in: what it says of its run is noted, the message kept, and the run put down to be read. One that
   * cannot be used is kept apart with its reason; it never stops those behind it.
   *
   * @throws {AirfleetError} STORE_BUSY, STORE_UNAVAILABLE: nothing is lost, the sender is to send it again
   */
  receive(message: IncomingMessage, sender: Sender): Promise<Reception>;
  /** The same without keeping what cannot be used: for trying a kept one again. */
  tryToReceive(message: IncomingMessage, sender: Sender): Promise<Reception>;
}

interface InboxPorts {
  readonly store: Pick<Store, "inbox">;
  readonly tracker: RunTracker;
  readonly instances: () => readonly KnownAddress[];
  readonly clock: Clock;
  /** A run is to be read. */
  readonly onAsked: () => void;
}

/** A publisher that repeats itself does so within seconds; the same words a minute later are about another attempt. */
const SAME_WITHIN_MS = 60_000;
/** A kept message can be tried again when it is no longer than this. */
const KEPT_CHARACTERS = 262_144;

const isOurs = (error: unknown): error is AirfleetError => isAirfleetError(error) && error.code.startsWith("REPORT_");

export const createInbox = ({ store, tracker, instances, clock, onAsked }: InboxPorts): Inbox => {
  const { reports, rejected, confirmations } = store.inbox;

  const findInstance = (report: Report, { instance, hosts = {}, mayName }: Sender): InstanceId => {
    const found = instance ?? findInstanceByHost(report.host, hosts, instances());
    const isKnown = instances().some(({ id }) => id === found);
    if (isKnown && mayName?.(found) !== false) return found;
    throw new AirfleetError("REPORT_HOST_UNKNOWN", { host: report.host ?? found });
  };

  /** The sender's clock is taken to be right, and ours; what the instance's own showed then is told by the tracker. */
  const sentAtOf = (unpacked: Unpacked, message: IncomingMessage): number =>
    Math.min(unpacked.sentAt ?? message.sentAt ?? clock.now(), clock.now());

  const note = async (instance: InstanceId, report: Report, sentAt: number): Promise<void> => {
    const { dagId, runId, state, logicalDate, conf } = report;
    const heardAt = clock.now();
    const at = tracker.timeOf(instance, sentAt);
    const changes = await tracker.note(instance, [
      {
        kind: "heard",
        dagId,
        runId,
        source: "report",
        at,
        state,
        ...(logicalDate === null ? {} : { logicalDate }),
        ...(conf === null ? {} : { conf }),
      },
    ]);
    // What a task says of a run that we know to be running needs no look at it: the feed will tell.
    if (changes.length === 0 && !isTerminalRunState(state)) return;
    await confirmations.ask({ instance, dagId, runId }, heardAt);
    onAsked();
  };

  const take = async (message: IncomingMessage, sender: Sender): Promise<Reception> => {
    const unpacked = readEnvelope(message.text);
    const report = readReport(unpacked.body);
    const instance = findInstance(report, sender);
    const sentAt = sentAtOf(unpacked, message);
    const { dagId, runId, kind } = report;
    const place = { instance, dagId, runId };
    const told = { ...place, run: runKeyOf(place), kind };
    const kept = {
      ...place,
      source: sender.source,
      messageId: unpacked.messageId ?? message.messageId ?? null,
      contentHash: report.contentHash,
      kind,
      taskId: report.taskId,
      tryNumber: report.tryNumber,
      mapIndex: report.mapIndex,
      message: report.message,
      isCut: report.isCut,
      isError: report.isError,
      sentAt,
    };
    if (await reports.isKnown(kept, SAME_WITHIN_MS)) return { outcome: "duplicate", ...told };
    // The run before the message: after a crash in between, the message comes again and notes the same once more.
    await note(instance, report, sentAt);
    return { outcome: (await reports.add(kept)) === null ? "duplicate" : "accepted", ...told };
  };

  return {
    async receive(message, sender) {
      try {
        return await take(message, sender);
      } catch (error) {
        if (!isOurs(error)) throw error;
        const { id } = await rejected.add({
          source: sender.source,
          messageId: message.messageId ?? null,
          instance: sender.instance ?? null,
          body: message.text.slice(0, KEPT_CHARACTERS),
          isCut: message.text.length > KEPT_CHARACTERS,
          reasonCode: error.code,
          reason: error.message,
          sentAt: message.sentAt ?? null,
        });
        return { outcome: "rejected", id, error };
      }
    },

    async tryToReceive(message, sender) {
      try {
        return await take(message, sender);
      } catch (error) {
        if (!isOurs(error)) throw error;
        return { outcome: "rejected", id: null, error };
      }
    },
  };
};
