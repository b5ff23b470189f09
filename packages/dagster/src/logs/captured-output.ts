import type { LogLine } from "@airfleet/model";
import type { Deadline } from "@airfleet/http";
import type { Api } from "../api.ts";
import { capturedLogsDocument } from "../documents/logs.ts";
import { createLineCutter } from "./output-lines.ts";

/** Bytes of each stream asked for at once. */
const PIECE_BYTES = 500_000;
/** A character of UTF-8 has at most four bytes, so that at most three of a cut one are here. */
const LONGEST_CUT = 3;
const CUT = "\uFFFD";

const readCursor = (cursor: string): readonly [number, number] => {
  const [out = 0, err = 0] = cursor.split(":").map(Number);
  return [out, err];
};

/** What a process wrote, from where the last call ended. */
export interface CapturedOutput {
  /** New lines; empty when there is nothing new. `isLast`: what has no end of line yet is a line as well. */
  read(isLast: boolean, deadline: Deadline): Promise<readonly LogLine[]>;
}

export const openCapturedOutput = (api: Api, engineRunId: string, fileKey: string): CapturedOutput => {
  const key = [engineRunId, "compute_logs", fileKey];
  const [stdout, stderr] = [createLineCutter("stdout"), createLineCutter("stderr")];
  let cursor: string | null = null;

  const readPiece = async (deadline: Deadline) => {
    const [outAt, errAt] = readCursor(cursor ?? "0:0");
    let limit = PIECE_BYTES;
    for (let cut = 0; ; cut += 1) {
      const { capturedLogs: piece } = await api.graphql.ask(capturedLogsDocument, { key, cursor, limit }, deadline);
      const [out, err] = [piece.stdout ?? "", piece.stderr ?? ""];
      const [outTo, errTo] = readCursor(piece.cursor ?? `${outAt}:${errAt}`);
      // Dagster cuts by bytes and replaces what is left of a character: a little less shows whether it was one.
      const isCut = out.endsWith(CUT) || err.endsWith(CUT);
      if (!isCut || cut === LONGEST_CUT)
        return { out, err, to: piece.cursor ?? cursor, isNew: outTo > outAt || errTo > errAt };
      limit = Math.max(1, Math.max(outTo - outAt, errTo - errAt) - 1);
    }
  };

  return {
    read: async (isLast, deadline) => {
      const lines: LogLine[] = [];
      for (;;) {
        const { out, err, to, isNew } = await readPiece(deadline);
        lines.push(...stdout.take(out), ...stderr.take(err));
        cursor = to;
        if (!isNew) break;
      }
      return isLast ? [...lines, ...stdout.end(), ...stderr.end()] : lines;
    },
  };
};
