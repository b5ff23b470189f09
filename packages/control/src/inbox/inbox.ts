import { AirfleetError, type InstanceId, isAirfleetError, type RunKey } from "@airfleet/model";
import type { ReportKind, Store } from "@airfleet/store";
import type { Clock } from "../clock.ts";
import { findInstanceByHost, type KnownAddress } from "./find-instance.ts";
import { readEnvelope, type Unpacked } from "./read-envelope.ts";
import { readReport, type Report, toRunReport } from "./read-report.ts";
import type { ReportIntake } from "./report-intake.ts";

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

/** Takes in messages of a publisher, out of their envelopes and with the instances that they name. */
export interface Inbox {
  /**
   * Takes one message in, as every report. One that cannot be used is kept apart with its reason; it never stops those
   * behind it.
   *
   * @throws {AirfleetError} REPORTS_BUSY, STORE_BUSY, STORE_UNAVAILABLE: nothing is lost, the sender is to send it again
   */
  receive(message: IncomingMessage, sender: Sender): Promise<Reception>;
  /** The same without keeping what cannot be used: for trying a kept one again. */
  tryToReceive(message: IncomingMessage, sender: Sender): Promise<Reception>;
}

interface InboxPorts {
  readonly store: Pick<Store, "inbox">;
  readonly intake: ReportIntake;
  readonly instances: () => readonly KnownAddress[];
  readonly clock: Clock;
}

/** A kept message can be tried again when it is no longer than this. */
const KEPT_CHARACTERS = 262_144;

/** It is the message's fault, and sending it again would not help. */
const isUnusable = (error: unknown): error is AirfleetError =>
  isAirfleetError(error) && error.code.startsWith("REPORT_");

export const createInbox = ({ store, intake, instances, clock }: InboxPorts): Inbox => {
  const { rejected } = store.inbox;

  const findInstance = (report: Report, { instance, hosts = {}, mayName }: Sender): InstanceId => {
    const found = instance ?? findInstanceByHost(report.host, hosts, instances());
    const isKnown = instances().some(({ id }) => id === found);
    if (isKnown && mayName?.(found) !== false) return found;
    throw new AirfleetError("REPORT_HOST_UNKNOWN", { host: report.host ?? found });
  };

  /** The sender's clock is taken to be right, and ours; what the instance's own showed then is told by the tracker. */
  const sentAtOf = (unpacked: Unpacked, message: IncomingMessage): number =>
    Math.min(unpacked.sentAt ?? message.sentAt ?? clock.now(), clock.now());

  const take = async (message: IncomingMessage, sender: Sender): Promise<Reception> => {
    const unpacked = readEnvelope(message.text);
    const report = readReport(unpacked.body);
    const instance = findInstance(report, sender);
    const sent = {
      messageId: unpacked.messageId ?? message.messageId ?? null,
      sentAt: sentAtOf(unpacked, message),
    };
    const { dagId, runId, kind } = report;
    const [taken] = await intake.take({ source: sender.source, instance }, [toRunReport(report, sent)]);
    if (taken === undefined) throw new Error("a report was taken in without an answer");
    return { ...taken, instance, dagId, runId, kind };
  };

  return {
    async receive(message, sender) {
      try {
        return await take(message, sender);
      } catch (error) {
        if (!isUnusable(error)) throw error;
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
        if (!isUnusable(error)) throw error;
        return { outcome: "rejected", id: null, error };
      }
    },
  };
};
