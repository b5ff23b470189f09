import { expect, test } from "vitest";
import type { RunEvent } from "../src/documents/logs.ts";
import { judgeEvents } from "../src/logs/trace-process.ts";

let clock = 1_795_302_720_000;
const event = (typename: string, message = "", stepKey: string | null = null): RunEvent => {
  clock += 1_000;
  return { __typename: typename, message, stepKey, timestamp: String(clock) };
};
const running = () => [
  event("RunStartingEvent"),
  event("EngineEvent", "Started process for run (pid: 3354)."),
  event("ExecutionStepStartEvent", 'Started execution of step "a".', "a"),
];
const exited = () => event("EngineEvent", "Process for run exited (pid: 3354).");

test("a run that works, or ended by itself, tells nothing of its process but its last sign", () => {
  const events = running();
  const at = new Date(Number(events.at(-1)?.timestamp)).toISOString();
  expect(judgeEvents(events)).toEqual({ kind: "silent", at, line: null, lines: 3 });
  expect(judgeEvents([...events, event("RunSuccessEvent"), exited()])).toMatchObject({ kind: "silent", line: null });
  expect(judgeEvents([])).toEqual({ kind: "silent", at: null, line: null, lines: 0 });
});

test("a process that was told to end is ending until the run is over, and from then on only silent", () => {
  const asked = [...running(), event("RunCancelingEvent", "Sending run termination request.")];
  expect(judgeEvents(asked)).toMatchObject({ kind: "ending", line: "Sending run termination request.", lines: 4 });
  for (const over of [exited(), event("RunCanceledEvent"), event("RunFailureEvent"), event("RunSuccessEvent")]) {
    expect(judgeEvents([...asked, over])).toMatchObject({ kind: "silent", line: null, lines: 5 });
  }
});

test("what a step writes is no evidence", () => {
  const said = event("EngineEvent", "Process for run exited (pid: 3354).", "a");
  const asked = event("RunCancelingEvent", "Sending run termination request.");
  expect(judgeEvents([...running(), asked, said])).toMatchObject({ kind: "ending" });
  expect(judgeEvents([...running(), event("RunCancelingEvent", "", "a")])).toMatchObject({ kind: "silent" });
});
