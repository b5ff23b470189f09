import { type Deadline, sleep, startDeadline } from "@airfleet/http";
import type { LogRequest } from "@airfleet/engine";
import { isAirfleetError, isTerminalTaskState, type LogLine } from "@airfleet/model";
import type { Api } from "../api.ts";
import { getTaskInstance } from "../tasks/task-reads.ts";
import { type LogPage, readLogPage } from "./log-page.ts";
import { logUnavailable } from "./log-request.ts";

/** Between two looks. Airflow 2 pays a password hash for each, so it is asked less often. */
const PAUSE_MS = { 2: 3_000, 3: 1_000 } as const;

/** Whether nothing more will be written to this try. */
const hasEnded = async (api: Api, request: LogRequest, deadline: Deadline): Promise<boolean> => {
  const task = await getTaskInstance(api, request, deadline);
  return task.tryNumber > request.tryNumber || isTerminalTaskState(task.state) || task.state === "up_for_retry";
};

/** Airflow 3 answers a header without sources for a task that waits for a worker: there is no log yet. */
const isHeaderOnly = (api: Api, page: LogPage): boolean =>
  api.dialect.generation === 3 && page.lines.every(({ at }) => at === null);

/** A piece of the log, or null while there is none yet. */
const readOrWait = async (
  api: Api,
  request: LogRequest,
  { token, isOver }: { readonly token: string | null; readonly isOver: boolean },
  deadline: Deadline,
): Promise<LogPage | null> => {
  try {
    const page = await readLogPage(api, request, { token, isWhole: false }, deadline);
    if (isOver && page.absence !== null) throw logUnavailable(request, page.absence);
    return page.absence === null && (isOver || token !== null || !isHeaderOnly(api, page)) ? page : null;
  } catch (error) {
    if (isAirfleetError(error, "LOG_UNAVAILABLE") && !isOver) return null;
    throw error;
  }
};

/**
 * A log piece by piece, by continuation token. With `follow` until the try has ended: the end is believed only when a
 * read after it brings nothing more, since the last lines are written after the state is set.
 *
 * Airflow 2 always has a token, and an empty piece under it says "nothing new". Airflow 3 has none at what it takes for
 * the end, also of a task that is only deferred: then the log is read again and what was given already is left out.
 */
export async function* readLogPages(
  api: Api,
  request: LogRequest,
  whole: Deadline,
  timeoutMs: number,
): AsyncGenerator<LogLine> {
  const { clock } = api.http;
  const inTime = async <T>(step: (deadline: Deadline) => Promise<T>): Promise<T> => {
    using deadline = startDeadline(clock, { signal: whole.signal }, timeoutMs);
    return await step(deadline);
  };
  let isOver = request.follow !== true || (await inTime((deadline) => hasEnded(api, request, deadline)));
  let token: string | null = null;
  let given = 0;
  for (;;) {
    const from: string | null = token;
    const page: LogPage | null = await inTime((deadline) =>
      readOrWait(api, request, { token: from, isOver }, deadline),
    );
    const fresh: readonly LogLine[] = page === null ? [] : page.lines.slice(from === null ? given : 0);
    for (const line of fresh) {
      // A piece may be thousands of lines that need no more waiting, where an abort would go unnoticed.
      whole.signal.throwIfAborted();
      yield line;
    }
    given += fresh.length;
    token = page?.token ?? null;
    const isAtEnd = token === null || (from !== null && fresh.every(({ text }) => text === ""));
    if (!isAtEnd) continue;
    if (isOver) return;
    isOver = await inTime((deadline) => hasEnded(api, request, deadline));
    if (!isOver) await sleep(clock, PAUSE_MS[api.dialect.generation], whole.signal);
  }
}
