import type { Step } from "@airfleet/model";

/** Ids of the steps that a branch before them may skip. */
export const belowBranches = (steps: readonly Pick<Step, "id" | "inputs" | "type">[]): ReadonlySet<string> => {
  const byId = new Map(steps.map((step) => [step.id, step]));
  const known = new Map<string, boolean>();
  const mayBeSkipped = (id: string): boolean => {
    const found = known.get(id);
    if (found !== undefined) return found;
    const before = byId.get(id)?.inputs ?? [];
    // A checked pipeline has no cycle; were there one, it would end here.
    known.set(id, false);
    const answer = before.some(({ step }) => byId.get(step)?.type === "control" || mayBeSkipped(step));
    known.set(id, answer);
    return answer;
  };
  return new Set(steps.filter(({ id }) => mayBeSkipped(id)).map(({ id }) => id));
};
