import { AirfleetError, type LogLine } from "@airfleet/model";
import type { ArchivedLog, Store } from "@airfleet/store";
import { unpackChunk } from "./pack-log.ts";

const gap = (lines: number): LogLine => ({
  at: null,
  level: "warning",
  source: "airfleet",
  text: `… ${lines} lines are left out here: the archive keeps the beginning and the end of a long log …`,
});

/**
 * The lines of an archived log from `offset` on, a chunk at a time.
 *
 * @throws {AirfleetError} LOG_UNAVAILABLE when it is dropped while it is read
 */
export async function* readArchivedLog(
  archive: Pick<Store["logArchive"], "readChunk">,
  log: ArchivedLog,
  offset = 0,
): AsyncGenerator<LogLine> {
  const end = log.lines + log.omittedLines;
  let next = offset;
  while (next < end) {
    const chunk = await archive.readChunk(log.id, next);
    if (chunk === undefined) {
      throw new AirfleetError("LOG_UNAVAILABLE", {
        task_id: log.taskId,
        try_number: log.tryNumber,
        dag_id: "the archive",
        run_id: log.run,
        reason: "it was just dropped, to make room for newer ones",
      });
    }
    if (chunk.firstLine > next) yield gap(chunk.firstLine - next);
    const lines = await unpackChunk(chunk);
    yield* lines.slice(Math.max(0, next - chunk.firstLine));
    next = chunk.firstLine + chunk.lines;
  }
}
