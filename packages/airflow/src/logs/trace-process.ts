import type { ProcessTrace, TraceRequest } from "@airfleet/engine";
import type { LogLine } from "@airfleet/model";

type Mark = "started" | "ending" | "ended" | null;
type ReadMark = (line: LogLine, pid: number | null) => Mark;

/**
 * Airflow 2.11. The supervisor of a try waits for every process of its group and writes down each that it saw end, by
 * pid (`process_utils.py`); a process that ends by itself it knows by its return code (`local_task_job_runner.py`). A try
 * that was deferred has several processes, one after the other, each with its start.
 */
const markOfAirflow2: ReadMark = ({ source, text }, pid) => {
  const file = source?.split(":", 1)[0];
  if (file === "standard_task_runner.py" && text.startsWith("Started process ")) return "started";
  if (file === "local_task_job_runner.py") {
    if (text.startsWith("Task exited with return code")) return "ended";
    return text.startsWith("State of this instance has been externally set to") ? "ending" : null;
  }
  if (file !== "process_utils.py") return null;
  const ended = /^Process .*\((\d+)\) terminated with exit code/.exec(text);
  // Children end before or after the task's own process, and are written down alike.
  if (ended !== null) return pid !== null && Number(ended[1]) === pid ? "ended" : null;
  return text.startsWith("Sending ") ? "ending" : null;
};

/**
 * Airflow 3. The supervisor of a try learns from the answer to a heartbeat that the task is no longer wanted, ends the
 * process, up to SIGKILL, and writes that it was killed when it saw it end. Its lines carry the logger `task`.
 */
const markOfAirflow3: ReadMark = ({ source, text }) => {
  if (source !== "task") return null;
  if (text.startsWith("Server indicated the task shouldn't be running anymore")) return "ending";
  const ends = ["Task killed!", "Process terminated by signal.", "Process exited abnormally"];
  return ends.some((end) => text.startsWith(end)) ? "ended" : null;
};

const MARK_OF: Readonly<Record<2 | 3, ReadMark>> = { 2: markOfAirflow2, 3: markOfAirflow3 };

/** Reads a log to its end and answers what its supervisor wrote of the process last. */
export const traceProcess = async (
  generation: 2 | 3,
  { pid }: Pick<TraceRequest, "pid">,
  log: AsyncIterable<LogLine>,
): Promise<ProcessTrace> => {
  const markOf = MARK_OF[generation];
  let told: { readonly kind: "ending" | "ended"; readonly line: LogLine } | null = null;
  let lastAt: ProcessTrace["at"] = null;
  let lines = 0;
  for await (const line of log) {
    lines += 1;
    lastAt = line.at ?? lastAt;
    const mark = markOf(line, pid);
    if (mark === "started") told = null;
    // An end is not taken back by what the supervisor does afterwards with what is left of the group.
    else if (mark !== null && told?.kind !== "ended") told = { kind: mark, line };
  }
  return told === null
    ? { kind: "silent", at: lastAt, line: null, lines }
    : { kind: told.kind, at: told.line.at, line: told.line.text, lines };
};
