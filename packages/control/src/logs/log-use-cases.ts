import { type InstanceId, type LogLine, type RunKey, type TaskAddress, toRunKey } from "@airfleet/model";
import { type ArchivedLog, runKeyOf, type Store } from "@airfleet/store";
import type { LiveUseCases } from "../control.ts";
import { isInstanceTrouble } from "../runs/instance-trouble.ts";
import { lastLines, skipLines } from "./line-window.ts";
import { readArchivedLog } from "./read-archived-log.ts";

export interface LogWish extends TaskAddress {
  readonly instance: InstanceId;
  /** The newest try when absent. */
  readonly tryNumber?: number;
  readonly follow?: boolean;
  /** Lines to leave out at the beginning. */
  readonly offset?: number;
  /** Only so many at the end. */
  readonly tail?: number;
}

/** A log whose first line is there. */
export interface OpenedLog {
  readonly source: "live" | "archive";
  /** Null for a live one. Epoch milliseconds. */
  readonly archivedAt: number | null;
  /** Which try the archive had; null for a live one, whose try the caller named or which is the newest. */
  readonly tryNumber: number | null;
  readonly lines: AsyncIterable<LogLine>;
}

/** Logs of tasks, from the engine or, when it has them no more, from our archive. */
export interface LogUseCases {
  /** @throws what a live read throws, when the archive has no log either */
  open(wish: LogWish, signal?: AbortSignal): Promise<OpenedLog>;
  /** What the archive has of a run, by task, map index and try. */
  archived(run: RunKey): Promise<readonly ArchivedLog[]>;
}

async function* resume(first: IteratorResult<LogLine>, rest: AsyncIterator<LogLine>): AsyncGenerator<LogLine> {
  try {
    for (let next = first; next.done !== true; next = await rest.next()) yield next.value;
  } finally {
    await rest.return?.();
  }
}

interface LogPorts {
  readonly store: Pick<Store, "logArchive">;
  readonly live: Pick<LiveUseCases, "log">;
}

export const createLogUseCases = ({ store, live }: LogPorts): LogUseCases => {
  const openLive = async (wish: LogWish, signal: AbortSignal | undefined): Promise<AsyncIterable<LogLine>> => {
    const { instance, dagId, runId, taskId, mapIndex, tryNumber, follow = false, offset = 0 } = wish;
    const place = { dagId, runId, taskId, mapIndex, follow, ...(tryNumber === undefined ? {} : { tryNumber }) };
    const lines = live.log(instance, place, signal === undefined ? {} : { signal })[Symbol.asyncIterator]();
    const whole = resume(await lines.next(), lines);
    return offset > 0 ? skipLines(whole, offset) : whole;
  };

  const findArchived = ({ instance, dagId, runId, taskId, mapIndex, tryNumber }: LogWish) =>
    store.logArchive.find({
      run: toRunKey(runKeyOf({ instance, dagId, runId })),
      taskId,
      mapIndex,
      ...(tryNumber === undefined ? {} : { tryNumber }),
    });

  const openAnywhere = async (wish: LogWish, signal: AbortSignal | undefined): Promise<OpenedLog> => {
    try {
      return { source: "live", archivedAt: null, tryNumber: null, lines: await openLive(wish, signal) };
    } catch (error) {
      if (!isInstanceTrouble(error)) throw error;
      const log = await findArchived(wish);
      if (log === undefined) throw error;
      const lines = readArchivedLog(store.logArchive, log, wish.offset);
      return { source: "archive", archivedAt: log.archivedAt, tryNumber: log.tryNumber, lines };
    }
  };

  return {
    archived: (run) => store.logArchive.list(run),
    async open(wish, signal) {
      const opened = await openAnywhere(wish, signal);
      return wish.tail === undefined ? opened : { ...opened, lines: lastLines(opened.lines, wish.tail) };
    },
  };
};
