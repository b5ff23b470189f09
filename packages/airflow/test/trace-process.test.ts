import type { LogLine } from "@airfleet/model";
import { describe, expect, it } from "vitest";
import { traceProcess } from "../src/logs/trace-process.ts";

const AT = "2026-11-21T18:06:13.645Z";

async function* logOf(lines: readonly (readonly [source: string | null, text: string])[]): AsyncGenerator<LogLine> {
  for (const [source, text] of lines) yield { at: AT, level: "info", source, text };
}

const trace = (generation: 2 | 3, pid: number | null, ...lines: readonly (readonly [string | null, string])[]) =>
  traceProcess(generation, { pid }, logOf(lines));

const SET = [
  "local_task_job_runner.py:346",
  "State of this instance has been externally set to failed. Terminating instance.",
] as const;
const goneLine = (pid: number) =>
  [
    "process_utils.py:80",
    `Process psutil.Process(pid=${pid}, status='terminated', exitcode=0) (${pid}) terminated with exit code 0`,
  ] as const;

describe("the log of a try on Airflow 2", () => {
  it("tells that the process is being ended, and when its supervisor saw it gone", async () => {
    expect(await trace(2, 18714, SET)).toMatchObject({ kind: "ending", lines: 1 });
    const signal = [
      "process_utils.py:132",
      "Sending 15 to group 18714. PIDs of all processes in the group: [1]",
    ] as const;
    expect(await trace(2, 18714, SET, signal)).toMatchObject({ kind: "ending" });
    const ended = await trace(2, 18714, SET, signal, goneLine(18714), goneLine(18722));
    expect(ended).toEqual({ kind: "ended", at: AT, line: goneLine(18714)[1], lines: 4 });
  });

  it("does not take the end of a child for that of the task's own process, nor any end when the pid is not known", async () => {
    expect(await trace(2, 18714, SET, goneLine(18722))).toMatchObject({ kind: "ending" });
    expect(await trace(2, null, SET, goneLine(18722))).toMatchObject({ kind: "ending" });
  });

  it("tells of a process that ended by itself, and forgets it when the try goes on in another one", async () => {
    const exited = ["local_task_job_runner.py:266", "Task exited with return code 100 (task deferral)"] as const;
    const started = ["standard_task_runner.py:110", "Started process 99 to run task"] as const;
    expect(await trace(2, 99, exited)).toMatchObject({ kind: "ended" });
    expect(await trace(2, 99, exited, started)).toMatchObject({ kind: "silent", line: null, lines: 2 });
  });

  it("does not believe what the task's own code prints", async () => {
    const printed = goneLine(18714)[1];
    const lines = [
      ["logging_mixin.py:190", printed],
      ["subprocess.py:106", printed],
      [null, printed],
    ] as const;
    expect(await trace(2, 18714, ...lines)).toMatchObject({ kind: "silent", at: AT });
  });
});

describe("the log of a try on Airflow 3", () => {
  const told = ["task", "Server indicated the task shouldn't be running anymore. Terminating process"] as const;

  it("tells that the process is being ended, and that it was killed", async () => {
    expect(await trace(3, 1, told)).toMatchObject({ kind: "ending" });
    expect(await trace(3, 1, told, ["task", "Task killed!"])).toMatchObject({ kind: "ended", line: "Task killed!" });
    expect(await trace(3, 1, ["task", "Process exited abnormally"])).toMatchObject({ kind: "ended" });
  });

  it("does not believe what the task's own code prints", async () => {
    const lines = [
      ["task.stdout", "Task killed!"],
      ["my.logger", "Task killed!"],
    ] as const;
    expect(await trace(3, 1, ...lines)).toMatchObject({ kind: "silent", lines: 2 });
  });
});
