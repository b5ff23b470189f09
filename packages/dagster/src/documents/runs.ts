import { z } from "zod";
import { defineDocument, type GraphqlDocument } from "./document.ts";
import { STEPS, StepsShape } from "./jobs.ts";
import { PYTHON_ERROR, Tag, toInput, unionFields } from "./parts.ts";

/** Which runs. Tags are a set: of two with one key Dagster takes the last. An empty list of ids is no filter at all. */
export interface RunsFilter {
  readonly runIds?: readonly string[];
  readonly pipelineName?: string;
  readonly tags?: readonly { readonly key: string; readonly value: string }[];
  readonly statuses?: readonly string[];
  readonly updatedAfter?: number;
  readonly createdAfter?: number;
  readonly createdBefore?: number;
}

const RUN =
  "runId status jobName runConfig creationTime startTime endTime updateTime rootRunId parentRunId tags { key value } repositoryOrigin { repositoryLocationName repositoryName }";

export const RunRow = z.object({
  runId: z.string(),
  status: z.string(),
  jobName: z.string(),
  runConfig: z.unknown(),
  creationTime: z.number(),
  startTime: z.number().nullish(),
  endTime: z.number().nullish(),
  updateTime: z.number().nullish(),
  rootRunId: z.string().nullish(),
  parentRunId: z.string().nullish(),
  tags: z.array(Tag),
  repositoryOrigin: z.object({ repositoryLocationName: z.string(), repositoryName: z.string() }).nullish(),
});
export type RunRow = z.infer<typeof RunRow>;

/** A run as far as it takes to say which one of several stands for all of them. */
const MEMBER = "runId status jobName rootRunId parentRunId tags { key value }";
export const Member = RunRow.pick({
  runId: true,
  status: true,
  jobName: true,
  rootRunId: true,
  parentRunId: true,
  tags: true,
});
export type Member = z.infer<typeof Member>;

const STATS = "stepStats { stepKey status startTime endTime attempts { startTime endTime } }";
const TASKS = `${RUN} stepKeysToExecute ${STATS} executionPlan { ${STEPS} }
  eventConnection(limit: 12) { events { __typename ... on EngineEvent { message } } }`;

export const RunWithSteps = RunRow.extend({
  stepKeysToExecute: z.array(z.string()).nullish(),
  stepStats: z.array(
    z.object({
      stepKey: z.string(),
      status: z.string().nullish(),
      startTime: z.number().nullish(),
      endTime: z.number().nullish(),
      attempts: z.array(z.object({ startTime: z.number().nullish(), endTime: z.number().nullish() })),
    }),
  ),
  executionPlan: z.object({ steps: StepsShape }).nullish(),
  eventConnection: z.object({ events: z.array(z.object({ __typename: z.string(), message: z.string().nullish() })) }),
});
export type RunWithSteps = z.infer<typeof RunWithSteps>;

const OTHERWISE = `... on InvalidPipelineRunsFilterError { message } ${PYTHON_ERROR}`;

/** One page, newest first. Without a limit Dagster answers every run there is. */
export const runsDocument = defineDocument<{
  readonly filter: RunsFilter;
  readonly cursor: string | null;
  readonly limit: number;
}>()(
  "Runs",
  `query Runs($filter: RunsFilter, $cursor: String, $limit: Int!) { runsOrError(filter: $filter, cursor: $cursor, limit: $limit) {
    __typename ... on Runs { results { ${RUN} } } ${OTHERWISE} } }`,
  z.object({ runsOrError: z.object({ ...unionFields, results: z.array(RunRow).optional() }) }),
);

/** Members of one group: nobody re-executes a run a hundred times. */
const GROUP_LIMIT = 100;

const lookups = <Row extends z.ZodType>(name: string, fields: string, row: Row, filters: readonly RunsFilter[]) => {
  const queries = filters.map(
    (filter, index) =>
      `q${index}: runsOrError(filter: ${toInput(filter)}, limit: ${GROUP_LIMIT}) { __typename ... on Runs { results { ${fields} } } ${OTHERWISE} }`,
  );
  return {
    name,
    text: `query ${name} { ${queries.join(" ")} }`,
    data: z.record(z.string(), z.object({ ...unionFields, results: z.array(row).optional() })),
  };
};

/** Several lookups of runs in one call, answered as `q0`, `q1` …: Dagster's filter cannot say "or". */
export const findRunsDocument = (filters: readonly RunsFilter[]) => lookups("FindRuns", RUN, RunRow, filters);
export const findMembersDocument = (filters: readonly RunsFilter[]) => lookups("FindMembers", MEMBER, Member, filters);
export const findStepsDocument = (filters: readonly RunsFilter[]) => lookups("FindSteps", TASKS, RunWithSteps, filters);
export type Lookup<Row> = GraphqlDocument<
  Record<string, never>,
  Record<string, { readonly __typename: string; readonly results?: Row[] | undefined }>
>;

const LAUNCHED = `__typename ... on LaunchRunSuccess { run { ${RUN} } }
  ... on RunConfigValidationInvalid { errors { message } } ... on PipelineNotFoundError { message }
  ... on RunConflict { message } ... on InvalidSubsetError { message } ... on UnauthorizedError { message } ${PYTHON_ERROR}`;
const Launched = z.object({
  ...unionFields,
  run: RunRow.optional(),
  errors: z.array(z.object({ message: z.string() })).optional(),
});

export interface ExecutionParams {
  readonly selector: {
    readonly jobName: string;
    readonly repositoryName: string;
    readonly repositoryLocationName: string;
  };
  readonly runConfigData: unknown;
  readonly stepKeys?: readonly string[];
  readonly executionMetadata: {
    readonly tags: readonly { readonly key: string; readonly value: string }[];
    readonly rootRunId?: string;
    readonly parentRunId?: string;
  };
}

export const launchDocument = defineDocument<{ readonly params: ExecutionParams }>()(
  "Launch",
  `mutation Launch($params: ExecutionParams!) { launchRun(executionParams: $params) { ${LAUNCHED} } }`,
  z.object({ launchRun: Launched }),
);

export const reexecuteDocument = defineDocument<{
  readonly again: {
    readonly parentRunId: string;
    readonly strategy: "ALL_STEPS" | "FROM_FAILURE";
    readonly extraTags: readonly { readonly key: string; readonly value: string }[];
    readonly useParentRunTags: boolean;
  };
}>()(
  "Reexecute",
  `mutation Reexecute($again: ReexecutionParams!) { launchRunReexecution(reexecutionParams: $again) { ${LAUNCHED} } }`,
  z.object({ launchRunReexecution: Launched }),
);

export const reexecuteStepsDocument = defineDocument<{ readonly params: ExecutionParams }>()(
  "ReexecuteSteps",
  `mutation ReexecuteSteps($params: ExecutionParams!) { launchRunReexecution(executionParams: $params) { ${LAUNCHED} } }`,
  z.object({ launchRunReexecution: Launched }),
);

export const terminateDocument = defineDocument<{ readonly runId: string }>()(
  "Terminate",
  `mutation Terminate($runId: String!) { terminateRun(runId: $runId, terminatePolicy: SAFE_TERMINATE) { __typename
    ... on TerminateRunFailure { message } ... on RunNotFoundError { message } ... on UnauthorizedError { message } ${PYTHON_ERROR} } }`,
  z.object({ terminateRun: z.object(unionFields) }),
);

export const deleteRunDocument = defineDocument<{ readonly runId: string }>()(
  "DeleteRun",
  `mutation DeleteRun($runId: String!) { deleteRun(runId: $runId) { __typename ... on RunNotFoundError { message }
    ... on UnauthorizedError { message } ${PYTHON_ERROR} } }`,
  z.object({ deleteRun: z.object(unionFields) }),
);
