import { createHash } from "node:crypto";
import { toAirflowFile } from "@airfleet/compiler";
import { type InstanceConfig, type Plan, toDagId } from "@airfleet/model";
import type { NewArtifact } from "@airfleet/store";

/** A revision of a pipeline with its plan. */
interface Compiled {
  readonly pipeline: { readonly id: string; readonly name: string; readonly revision: number };
  readonly plan: Plan;
  readonly planHash: string;
}

/** A deterministic text with a name of its own: the same pipeline makes the same artifact. */
export const makeArtifact = (
  { pipeline, plan, planHash }: Compiled,
  { engine, deploy }: Pick<InstanceConfig, "engine" | "deploy">,
  runtime: string,
): NewArtifact => {
  const facts = {
    pipelineId: pipeline.id,
    pipelineName: pipeline.name,
    revision: pipeline.revision,
    planHash,
    dagId: toDagId(plan.dagId),
    taskIds: plan.steps.map(({ id }) => id).toSorted(),
  };
  const idOf = (...parts: readonly string[]): string =>
    `art_${createHash("sha256")
      .update([...parts, String(pipeline.revision)].join("\n"))
      .digest("hex")
      .slice(0, 32)}`;
  if (engine === "embedded") {
    const body = JSON.stringify(plan);
    return {
      ...facts,
      id: idOf("plan", body),
      kind: "plan",
      hash: planHash,
      fileName: `${plan.dagId}.json`,
      body,
      lines: [],
      runtime: null,
    };
  }
  const editUrl = deploy?.edit_url?.replaceAll("{pipeline}", encodeURIComponent(pipeline.id));
  const file = toAirflowFile(plan, { runtime, ...(editUrl === undefined ? {} : { editUrl }) });
  return {
    ...facts,
    id: idOf("airflow", file.text),
    kind: "airflow",
    hash: file.hash,
    fileName: file.name,
    body: file.text,
    lines: file.lines,
    runtime,
  };
};
