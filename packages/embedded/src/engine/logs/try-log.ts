import { closeSync, mkdirSync, openSync, writeSync } from "node:fs";
import path from "node:path";
import type { LogLevel } from "@airfleet/model";
import type { Now } from "../instants.ts";
import { splitLevel } from "./log-line-text.ts";

/** Which try's log. */
export interface LogPlace {
  readonly run: number;
  readonly taskId: string;
  readonly tryNumber: number;
}

/** One line in the file: JSON, a line each. */
export interface StoredLine {
  /** Epoch milliseconds. */
  readonly at: number;
  readonly level: LogLevel;
  /** `engine`, or absent for what the step itself wrote. */
  readonly by?: "engine";
  readonly text: string;
}

export const logFolder = (directory: string, run: number): string => path.join(directory, "logs", String(run));

export const logFile = (directory: string, { run, taskId, tryNumber }: LogPlace): string =>
  path.join(logFolder(directory, run), taskId, `${tryNumber}.jsonl`);

/** The log of a try as it is written. */
export interface TryLog {
  /** A line that the step printed. */
  print(line: string): void;
  /** A line of the engine's own. */
  note(level: LogLevel, text: string): void;
  /** Writes what is still held back, and ends the log. */
  close(): void;
}

/** Lines wait this long for others, so that a talkative step costs few writes and its reader is still with it. */
const HOLD_MS = 50;
const HOLD_CHARACTERS = 65_536;

/**
 * Opens the log of a try, or goes on with it. What a step prints beyond `bytes` is counted and left out; the engine's own
 * lines, by which one learns how it ended, are always written.
 */
export const openTryLog = (
  directory: string,
  place: LogPlace,
  { bytes, now }: { readonly bytes: number; readonly now: Now },
): TryLog => {
  const file = logFile(directory, place);
  let held: string[] = [];
  let heldCharacters = 0;
  let printed = 0;
  let leftOut = 0;
  let timer: NodeJS.Timeout | undefined;
  let descriptor: number | undefined;

  const flush = (): void => {
    clearTimeout(timer);
    timer = undefined;
    if (held.length === 0) return;
    if (descriptor === undefined) {
      mkdirSync(path.dirname(file), { recursive: true, mode: 0o700 });
      descriptor = openSync(file, "a", 0o600);
    }
    const text = held.join("");
    held = [];
    heldCharacters = 0;
    try {
      writeSync(descriptor, text);
    } catch {
      // A full disk costs log lines, not the step.
      leftOut += 1;
    }
  };
  const write = (line: StoredLine): void => {
    const text = `${JSON.stringify(line)}\n`;
    held.push(text);
    heldCharacters += text.length;
    if (heldCharacters > HOLD_CHARACTERS) flush();
    else timer ??= setTimeout(flush, HOLD_MS);
  };
  const note = (level: LogLevel, text: string): void => write({ at: now(), level, by: "engine", text });
  return {
    print(line) {
      printed += line.length + 1;
      if (printed > bytes) leftOut += 1;
      else write({ at: now(), ...splitLevel(line) });
    },
    note,
    close() {
      if (leftOut > 0) note("warning", `${leftOut} more lines were not kept: a try may write ${bytes} characters`);
      flush();
      if (descriptor !== undefined) closeSync(descriptor);
      descriptor = undefined;
    },
  };
};
