import { z } from "zod";
import { defineDocument } from "./document.ts";
import { type JobSelector, PYTHON_ERROR, Tag, unionFields } from "./parts.ts";

const STATE = "id status";

const JOB = `name description isAssetJob tags { key value }
  owners { __typename ... on UserDefinitionOwner { email } ... on TeamDefinitionOwner { team } }
  metadataEntries { label ... on TextMetadataEntry { text } ... on JsonMetadataEntry { jsonString } }
  schedules { name cronSchedule executionTimezone scheduleState { ${STATE} } futureTicks(limit: 1) { results { timestamp } } }
  sensors { name targets { pipelineName } sensorState { ${STATE} } }`;

const State = z.object({ id: z.string(), status: z.string() });

export const JobShape = z.object({
  name: z.string(),
  description: z.string().nullish(),
  isAssetJob: z.boolean(),
  tags: z.array(Tag),
  owners: z.array(z.object({ email: z.string().nullish(), team: z.string().nullish() })),
  metadataEntries: z.array(
    z.object({ label: z.string(), text: z.string().nullish(), jsonString: z.string().nullish() }),
  ),
  schedules: z.array(
    z.object({
      name: z.string(),
      cronSchedule: z.string(),
      executionTimezone: z.string().nullish(),
      scheduleState: State,
      futureTicks: z.object({ results: z.array(z.object({ timestamp: z.number().nullish() })) }),
    }),
  ),
  sensors: z.array(
    z.object({
      name: z.string(),
      targets: z.array(z.object({ pipelineName: z.string() })).nullish(),
      sensorState: State,
    }),
  ),
});
export type JobShape = z.infer<typeof JobShape>;

/** Every code location with its jobs. A broken one calls itself LOADED: what `locationOrLoadError` is, is the truth. */
export const catalogueDocument = defineDocument()(
  "Catalogue",
  `query Catalogue { workspaceOrError { __typename ... on Workspace { locationEntries { name updatedTimestamp
    locationOrLoadError { __typename ... on RepositoryLocation { repositories { name jobs { ${JOB} } } }
      ... on PythonError { message className stack } } } } ${PYTHON_ERROR} } }`,
  z.object({
    workspaceOrError: z.object({
      ...unionFields,
      locationEntries: z
        .array(
          z.object({
            name: z.string(),
            updatedTimestamp: z.number(),
            locationOrLoadError: z
              .object({
                ...unionFields,
                stack: z.array(z.string()).nullish(),
                repositories: z.array(z.object({ name: z.string(), jobs: z.array(JobShape) })).optional(),
              })
              .nullish(),
          }),
        )
        .optional(),
    }),
  }),
);

/** Every code location with the names of its jobs: cheap. */
export const namesDocument = defineDocument()(
  "Names",
  `query Names { workspaceOrError { __typename ... on Workspace { locationEntries { name updatedTimestamp
    locationOrLoadError { __typename ... on RepositoryLocation { repositories { name jobs { name tags { key value } runTags { key value } } } }
      ... on PythonError { message className stack } } } } ${PYTHON_ERROR} } }`,
  z.object({
    workspaceOrError: z.object({
      ...unionFields,
      locationEntries: z
        .array(
          z.object({
            name: z.string(),
            updatedTimestamp: z.number(),
            locationOrLoadError: z
              .object({
                ...unionFields,
                stack: z.array(z.string()).nullish(),
                repositories: z
                  .array(
                    z.object({
                      name: z.string(),
                      jobs: z.array(z.object({ name: z.string(), tags: z.array(Tag), runTags: z.array(Tag) })),
                    }),
                  )
                  .optional(),
              })
              .nullish(),
          }),
        )
        .optional(),
    }),
  }),
);

/** One job. */
export const jobDocument = defineDocument<{ readonly job: JobSelector }>()(
  "Job",
  `query Job($job: PipelineSelector!) { pipelineOrError(params: $job) { __typename ... on Pipeline { ${JOB} }
    ... on PipelineNotFoundError { message } ... on InvalidSubsetError { message } ${PYTHON_ERROR} } }`,
  z.object({ pipelineOrError: z.object({ ...unionFields, ...JobShape.partial().shape }) }),
);

const Steps = z.array(
  z.object({
    key: z.string(),
    kind: z.string(),
    inputs: z.array(z.object({ dependsOn: z.array(z.object({ key: z.string() })) })),
  }),
);
export type PlannedSteps = z.infer<typeof Steps>;
export const StepsShape = Steps;
export const STEPS = "steps { key kind inputs { dependsOn { key } } }";

/** The steps that a run without any config would have; jobs that need config refuse. */
export const jobPlanDocument = defineDocument<{ readonly job: JobSelector }>()(
  "JobPlan",
  `query JobPlan($job: PipelineSelector!) { executionPlanOrError(pipeline: $job, mode: "default", runConfigData: {}) { __typename
    ... on ExecutionPlan { ${STEPS} } ... on RunConfigValidationInvalid { pipelineName } ... on PipelineNotFoundError { message }
    ... on InvalidSubsetError { message } ${PYTHON_ERROR} } }`,
  z.object({ executionPlanOrError: z.object({ ...unionFields, steps: Steps.optional() }) }),
);

/** The nodes of a job's outermost graph: there also for jobs that need config. */
export const jobNodesDocument = defineDocument<{ readonly job: JobSelector }>()(
  "JobNodes",
  `query JobNodes($job: PipelineSelector!) { pipelineOrError(params: $job) { __typename ... on Pipeline { solids { name
    isDynamicMapped inputs { dependsOn { solid { name } } } } } ... on PipelineNotFoundError { message }
    ... on InvalidSubsetError { message } ${PYTHON_ERROR} } }`,
  z.object({
    pipelineOrError: z.object({
      ...unionFields,
      solids: z
        .array(
          z.object({
            name: z.string(),
            isDynamicMapped: z.boolean(),
            inputs: z.array(z.object({ dependsOn: z.array(z.object({ solid: z.object({ name: z.string() }) })) })),
          }),
        )
        .optional(),
    }),
  }),
);
