import { AirfleetError, type ErrorFinding, isNestedDeeper, MOST_LEVELS, type PipelineContent } from "@airfleet/model";
import type { PipelineDraft, PipelinePatch } from "./pipeline.ts";

const EMPTY: Omit<PipelineContent, "name"> = {
  description: null,
  version: "1.0.0",
  config: { nodes: [], edges: [] },
  schedule: null,
  isScheduled: false,
  timeZone: "UTC",
  status: "draft",
  tags: [],
  defaultParams: {},
  owner: null,
  tenant: null,
  environments: {},
};

const pick = <Field extends keyof PipelineContent>(
  field: Field,
  { [field]: given }: PipelinePatch,
  present: PipelineContent,
): PipelineContent[Field] => (given === undefined ? present[field] : given);

/** What a pipeline is once a patch has been put over it. */
export const withPatch = (present: PipelineContent, patch: PipelinePatch): PipelineContent => ({
  name: pick("name", patch, present),
  description: pick("description", patch, present),
  version: pick("version", patch, present),
  config: pick("config", patch, present),
  schedule: pick("schedule", patch, present),
  isScheduled: pick("isScheduled", patch, present),
  timeZone: pick("timeZone", patch, present),
  status: pick("status", patch, present),
  tags: [...new Set(pick("tags", patch, present))],
  defaultParams: pick("defaultParams", patch, present),
  owner: pick("owner", patch, present),
  tenant: pick("tenant", patch, present),
  environments: pick("environments", patch, present),
});

/** A new pipeline; one with a schedule runs by it unless it says otherwise, as older servers did. */
export const toNewContent = (draft: PipelineDraft, owner: string | null): PipelineContent =>
  withPatch(
    { ...EMPTY, name: draft.name, owner, isScheduled: (draft.schedule ?? null) !== null },
    draft.owner === null ? { ...draft, owner: undefined } : draft,
  );

/**
 * Refuses what could not be read again. Everything else may be kept: what is wrong with it is said when it is checked.
 *
 * @throws {AirfleetError} REQUEST_INVALID
 */
export const checkKeepable = ({ config, defaultParams }: PipelinePatch): void => {
  const findings: ErrorFinding[] = Object.entries({ config, default_params: defaultParams })
    .filter(([, value]) => isNestedDeeper(value))
    .map(([name]) => ({ pointer: `/body/${name}`, message: `Nested deeper than ${MOST_LEVELS} levels` }));
  const [first] = findings;
  if (first === undefined) return;
  const summary = `${first.pointer.slice(1).replaceAll("/", ".")}: ${first.message}`;
  throw new AirfleetError("REQUEST_INVALID", { summary }, { findings });
};
