import type { PipelineFinding, Plan, Step } from "@airfleet/model";
import { finding } from "../checks/finding.ts";

/** Engines that take a plan in ways of their own. */
export type ReportedEngine = "airflow" | "embedded";

const note = (step: Step, field: string, message: string, fix: string): PipelineFinding =>
  finding({ severity: "warning", type: "approximation", message, fix, node: step.node, field });

/** Airflow's back-off is by a factor of two, and spread by chance; Airflow 3 rounds to whole seconds as well. */
const airflowNotes = (step: Step): readonly PipelineFinding[] => {
  const { retry, node } = step;
  if (retry === null || retry.multiplier === 1 || retry.count < 2) return [];
  const message = `Node "${node}" is to wait ${retry.multiplier} times as long before each try; Airflow doubles the wait, and varies it by chance.`;
  return [note(step, "data.retry.multiplier", message, "Choose a multiplier of 1 for a wait that is always the same.")];
};

const embeddedNotes = (step: Step): readonly PipelineFinding[] => {
  const { node, queue } = step;
  if (queue === null) return [];
  const message = `Node "${node}" is for the queue "${queue}"; the embedded engine has one machine and no queues.`;
  return [note(step, "data.queue", message, "It runs there all the same.")];
};

const NOTES = { airflow: airflowNotes, embedded: embeddedNotes } as const;

/** What an engine does in another way than the plan says, or not at all; node and field of each. */
export const reportFor = (plan: Plan, engine: ReportedEngine): readonly PipelineFinding[] =>
  plan.steps.flatMap((step) => NOTES[engine](step));
