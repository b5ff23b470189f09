import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { promisify } from "node:util";
import { cacheLayout, ensureInstalled } from "@airfleet/tools-engines";
import { CALENDAR_CASES, type CalendarAnswer } from "./calendar-cases.ts";

const SCRIPT = path.join(import.meta.dirname, "record-calendar.py");

/** Where the recorded answers are kept. */
export const RECORDED = path.join(import.meta.dirname, "airflow-calendar.json");

/** Answers to the cases, in their order. */
export const readRecorded = async (): Promise<readonly CalendarAnswer[]> =>
  JSON.parse(await readFile(RECORDED, "utf8"));

/** Asks the code of a real Airflow, without a server. */
export const readFromAirflow = async (generation: 2 | 3): Promise<readonly CalendarAnswer[]> => {
  const { executable } = await ensureInstalled(cacheLayout(), `airflow${generation}`, () => undefined);
  const home = await mkdtemp(path.join(tmpdir(), "airfleet-calendar-"));
  try {
    const running = promisify(execFile)(executable("python"), [SCRIPT], {
      env: { AIRFLOW_HOME: home, PATH: process.env["PATH"] ?? "", PYTHONWARNINGS: "ignore" },
      maxBuffer: 64 * 1_024 * 1_024,
    });
    running.child.stdin?.end(JSON.stringify(CALENDAR_CASES));
    const { stdout } = await running;
    return JSON.parse(stdout.trimEnd().split("\n").at(-1) ?? "");
  } finally {
    await rm(home, { recursive: true, force: true });
  }
};
