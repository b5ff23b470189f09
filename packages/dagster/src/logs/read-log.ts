import type { CallOptions, LogRequest } from "@airfleet/engine";
import { AirfleetError, isTerminalRunState, isTerminalTaskState, type LogLine } from "@airfleet/model";
import { type Deadline, sleep } from "@airfleet/http";
import type { Api } from "../api.ts";
import type { RunOperation } from "../operations.ts";
import { toRunState } from "../runs/to-run.ts";
import type { StepTry } from "../tasks/step-history.ts";
import { readHistory } from "../tasks/task-reads.ts";
import { type CapturedOutput, openCapturedOutput } from "./captured-output.ts";
import { createEventPicker } from "./event-lines.ts";
import { readEvents } from "./read-events.ts";

const FOLLOW_EVERY_MS = 1_000;

interface Found {
  /** Undefined: the try has not begun. */
  readonly one: StepTry | undefined;
  /** Nothing more will be written by it. */
  readonly isOver: boolean;
  readonly reason: string;
}

const findTry = async (api: Api, request: LogRequest, deadline: Deadline): Promise<Found> => {
  const { group, history } = await readHistory(api, request, deadline);
  const { tries } = history;
  const one = tries[request.tryNumber - 1];
  const isRunOver = isTerminalRunState(toRunState(group.current.status));
  const isTryOver = one !== undefined && (tries.length > request.tryNumber || isTerminalTaskState(one.state));
  const reason = `the step has ${tries.length === 0 ? "not run" : `${tries.length} ${tries.length === 1 ? "try" : "tries"}`}`;
  return { one, isOver: isRunOver || isTryOver, reason };
};

/** Reads what is new of one try: the run's events about the step, and what its process wrote. */
const createTryReader = (api: Api, stepKey: string, { engineRunId, index }: StepTry) => {
  const picker = createEventPicker(stepKey, index);
  let after: string | null = null;
  let output: CapturedOutput | undefined;
  return async (isLast: boolean, deadline: Deadline): Promise<readonly LogLine[]> => {
    const page = await readEvents(api, engineRunId, after, deadline);
    picker.take(page.events);
    after = page.after;
    const { lines, capture } = picker.picked;
    if (capture !== undefined) output ??= openCapturedOutput(api, engineRunId, capture.fileKey);
    return [...lines.splice(0), ...((await output?.read(isLast, deadline)) ?? [])];
  };
};

/**
 * One try's log: what Dagster noted of the step, and what its process wrote to stdout and stderr. A run whose steps
 * share one process has one output for all of them.
 */
export async function* readLog(
  { api, run }: { readonly api: Api; readonly run: RunOperation },
  request: LogRequest,
  options: CallOptions = {},
): AsyncGenerator<LogLine> {
  const { clock } = api.graphql.http;
  const signal = options.signal ?? new AbortController().signal;
  let readNews: ReturnType<typeof createTryReader> | undefined;
  let count = 0;
  for (;;) {
    signal.throwIfAborted();
    const { news, found } = await run(options, async (deadline) => {
      const state = await findTry(api, request, deadline);
      if (state.one !== undefined) readNews ??= createTryReader(api, request.taskId, state.one);
      const isLast = state.isOver || request.follow !== true;
      return { found: state, news: (await readNews?.(isLast, deadline)) ?? [] };
    });
    for (const line of news) {
      // A reader who leaves, or gives up between two lines, ends it here.
      signal.throwIfAborted();
      count += 1;
      yield line;
    }
    if (!found.isOver && request.follow === true) {
      await sleep(clock, FOLLOW_EVERY_MS, signal);
      continue;
    }
    if (found.one !== undefined && count > 0) return;
    const { dagId, runId, taskId, tryNumber } = request;
    throw new AirfleetError("LOG_UNAVAILABLE", {
      instance: api.graphql.http.place.instance,
      dag_id: dagId,
      run_id: runId,
      task_id: taskId,
      try_number: tryNumber,
      reason: found.one === undefined ? found.reason : "nothing of it can be had any more",
    });
  }
}
