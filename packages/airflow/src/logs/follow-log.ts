import type { LogRequest } from "@airfleet/engine";
import { isAirfleetError, isTerminalTaskState, type LogLine } from "@airfleet/model";
import type { Api } from "../api.ts";
import { sleep } from "../clock.ts";
import { type Deadline, startDeadline } from "../http/deadline.ts";
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

/** A piece of the log, or null while there is none yet. */
const readOrWait = async (
  api: Api,
  request: LogRequest,
  { token, isOver }: { readonly token: string | null; readonly isOver: boolean },
  deadline: Deadline,
): Promise<LogPage | null> => {
  try {
    const page = await readLogPage(api, request, { token, isWhole: false }, deadline);
    if (page.absence === null) return page;
    if (isOver) throw logUnavailable(request, page.absence);
    return null;
  } catch (error) {
    if (isAirfleetError(error, "LOG_UNAVAILABLE") && !isOver) return null;
    throw error;
  }
};

/**
 * A log piece by piece, by continuation token. With `follow` until the try has ended: the end is believed only when a
 * read after it brings nothing more, since the last lines are written after the state is set.
 */
export async function* readLogPages(
  api: Api,
  request: LogRequest,
  whole: Deadline,
  timeoutMs: number,
): AsyncGenerator<LogLine> {
  const isFollowing = request.follow === true;
  let token: string | null = null;
  let isOver = !isFollowing;
  for (;;) {
    using deadline = startDeadline(api.http.clock, { signal: whole.signal }, timeoutMs);
    const page: LogPage | null = await readOrWait(api, request, { token, isOver }, deadline);
    const isEmpty = page === null || page.lines.every(({ text }) => text === "");
    if (page !== null) {
      yield* page.lines;
      const isSame = token !== null && page.token === token;
      token = page.token ?? token;
      if (api.dialect.generation === 3 && page.token === null) return;
      if (isOver && (isEmpty || isSame)) return;
    }
    if (isOver || !isEmpty) continue;
    isOver = await hasEnded(api, request, deadline);
    if (!isOver) await sleep(api.http.clock, PAUSE_MS[api.dialect.generation], whole.signal);
  }
}
