import type { PipelineFinding } from "@airfleet/model";

type Needed = Pick<PipelineFinding, "type" | "message" | "fix">;

/** An error of the pipeline, of the whole unless a place is given. */
export const finding = (needed: Needed & Partial<PipelineFinding>): PipelineFinding => ({
  severity: "error",
  node: null,
  edge: null,
  field: null,
  ...needed,
});
