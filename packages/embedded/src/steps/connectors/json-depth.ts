import { createReadStream } from "node:fs";
import path from "node:path";
import { StepRefusal } from "../step-trouble.ts";

/** Far below what ends DuckDB's whole process, far above what rows look like. */
const DEEPEST = 200;

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const OPENING = new Set([0x5b, 0x7b]);
const CLOSING = new Set([0x5d, 0x7d]);

/** Refuses a file that is nested too deeply. */
export const checkDepth = async (file: string): Promise<void> => {
  let depth = 0;
  let isText = false;
  let isEscaped = false;
  for await (const chunk of createReadStream(file, { highWaterMark: 1 << 20 })) {
    for (const byte of chunk as Buffer) {
      if (isText) {
        if (isEscaped) isEscaped = false;
        else if (byte === BACKSLASH) isEscaped = true;
        else if (byte === QUOTE) isText = false;
      } else if (byte === QUOTE) isText = true;
      else if (OPENING.has(byte)) depth += 1;
      else if (CLOSING.has(byte)) depth -= 1;
      if (depth > DEEPEST) throw new StepRefusal(`"${path.basename(file)}" is nested deeper than ${DEEPEST} levels.`);
    }
  }
};
