import type { DagQuery, Page } from "@airfleet/engine";
import {
  type Dag,
  type DagDetail,
  type DagId,
  AirfleetError,
  type GraphNode,
  type ImportError,
  toTaskId,
} from "@airfleet/model";
import type { Deadline } from "@airfleet/http";
import { type Api, dagUnknown } from "../api.ts";
import { PAGE_ROWS } from "../capabilities.ts";
import {
  catalogueDocument,
  jobDocument,
  jobNodesDocument,
  jobPlanDocument,
  JobShape,
  type PlannedSteps,
} from "../documents/jobs.ts";
import { toInstant } from "../instant.ts";
import type { JobPlace, NameTable } from "./job-names.ts";
import { toDag, toDagDetail, toLostDag } from "./to-dag.ts";

const byText = (left: string, right: string): number => (left < right ? -1 : left > right ? 1 : 0);

const lostDags = ({ lost, broken }: NameTable): Dag[] =>
  [...lost.values()].map(({ dagId, job }) => {
    const location = job.repositoryLocationName;
    const updatedAt = broken.find(({ name }) => name === location)?.updatedAt ?? 0;
    return toLostDag({ dagId, location, updatedAt }, job.pipelineName);
  });

/** All jobs of the instance, in order of their ids. */
const readAll = async (api: Api, deadline: Deadline): Promise<Dag[]> => {
  const [table, { workspaceOrError: workspace }] = await Promise.all([
    api.names.refresh(deadline),
    api.graphql.ask(catalogueDocument, {}, deadline),
  ]);
  if (workspace.locationEntries === undefined) throw api.graphql.refusal(catalogueDocument, workspace);
  const found = workspace.locationEntries.flatMap(({ name: location, updatedTimestamp, locationOrLoadError }) =>
    (locationOrLoadError?.repositories ?? []).flatMap((repository) =>
      repository.jobs.map((job) =>
        toDag({ dagId: table.idOf(job.name, location, repository.name), location, updatedAt: updatedTimestamp }, job),
      ),
    ),
  );
  return [...found, ...lostDags(table)].sort((left, right) => byText(left.dagId, right.dagId));
};

const toOffset = (after: string | undefined): number => {
  if (after === undefined) return 0;
  if (!/^o\d{1,9}$/.test(after)) throw new AirfleetError("CURSOR_INVALID");
  return Number(after.slice(1));
};

export const listDags = async (api: Api, query: DagQuery, deadline: Deadline): Promise<Page<Dag>> => {
  const { tags = [], paused, dagIdContains = "" } = query;
  const offset = toOffset(query.after);
  const wanted = (await readAll(api, deadline)).filter(
    (dag) =>
      (tags.length === 0 || tags.some((tag) => dag.tags.includes(tag))) &&
      (paused === undefined || dag.isPaused === paused) &&
      dag.dagId.includes(dagIdContains),
  );
  const end = offset + Math.min(query.limit ?? PAGE_ROWS, PAGE_ROWS);
  return { items: wanted.slice(offset, end), next: end < wanted.length ? `o${end}` : null, total: wanted.length };
};

/** One job as it is now. */
export const readJob = async (api: Api, place: JobPlace, deadline: Deadline): Promise<JobShape> => {
  const { pipelineOrError: answer } = await api.graphql.ask(jobDocument, { job: place.job }, deadline);
  const job = JobShape.safeParse(answer);
  if (job.success) return job.data;
  if (answer.__typename === "PipelineNotFoundError") throw dagUnknown(api, place.dagId);
  throw api.graphql.refusal(jobDocument, answer);
};

const read = async (api: Api, dagId: DagId, deadline: Deadline): Promise<{ dag: Dag; job: JobShape | null }> => {
  const place = await api.names.find(dagId, deadline);
  const table = await api.names.table(deadline);
  if (place === undefined) {
    const dag = lostDags(table).find((lost) => lost.dagId === dagId);
    if (dag === undefined) throw dagUnknown(api, dagId);
    return { dag, job: null };
  }
  const job = await readJob(api, place, deadline);
  const location = place.job.repositoryLocationName;
  return { dag: toDag({ dagId, location, updatedAt: table.updatedAt(location) }, job), job };
};

export const getDag = async (api: Api, dagId: DagId, deadline: Deadline): Promise<Dag> =>
  (await read(api, dagId, deadline)).dag;

export const getDagDetail = async (api: Api, dagId: DagId, deadline: Deadline): Promise<DagDetail> => {
  const { dag, job } = await read(api, dagId, deadline);
  return toDagDetail(dag, job);
};

/** Where a job is. @throws DAG_UNKNOWN */
export const needJob = async (api: Api, dagId: DagId, deadline: Deadline): Promise<JobPlace> => {
  const place = await api.names.find(dagId, deadline);
  if (place === undefined) throw dagUnknown(api, dagId);
  return place;
};

interface Node {
  readonly name: string;
  readonly isMapped: boolean;
  readonly upstream: readonly string[];
}

const toNodes = (steps: PlannedSteps): Node[] =>
  steps.map(({ key, kind, inputs }) => ({
    name: key,
    isMapped: kind === "UNRESOLVED_MAPPED",
    upstream: inputs.flatMap(({ dependsOn }) => dependsOn.map((step) => step.key)),
  }));

const readNodes = async (api: Api, place: JobPlace, deadline: Deadline): Promise<Node[]> => {
  const { job } = place;
  const { executionPlanOrError: plan } = await api.graphql.ask(jobPlanDocument, { job }, deadline);
  if (plan.steps !== undefined) return toNodes(plan.steps);
  if (plan.__typename === "PipelineNotFoundError") throw dagUnknown(api, place.dagId);
  // A job that needs config has no plan without it; its nodes can be had all the same, a graph within it as one.
  const { pipelineOrError: nodes } = await api.graphql.ask(jobNodesDocument, { job }, deadline);
  if (nodes.solids === undefined) throw api.graphql.refusal(jobNodesDocument, nodes);
  return nodes.solids.map(({ name, isDynamicMapped, inputs }) => ({
    name,
    isMapped: isDynamicMapped,
    upstream: inputs.flatMap(({ dependsOn }) => dependsOn.map(({ solid }) => solid.name)),
  }));
};

export const getDagGraph = async (api: Api, dagId: DagId, deadline: Deadline): Promise<readonly GraphNode[]> => {
  const nodes = await readNodes(api, await needJob(api, dagId, deadline), deadline);
  return nodes
    .map(({ name, isMapped }) => ({
      taskId: toTaskId(name),
      displayName: name,
      operator: null,
      isMapped,
      triggerRule: null,
      retries: null,
      downstream: nodes
        .filter(({ upstream }) => upstream.includes(name))
        .map((node) => toTaskId(node.name))
        .sort(byText),
    }))
    .sort((left, right) => byText(left.taskId, right.taskId));
};

/** Code locations that cannot be loaded: with each all of its jobs are gone. */
export const listImportErrors = async (api: Api, deadline: Deadline): Promise<readonly ImportError[]> =>
  (await api.names.refresh(deadline)).broken.map(({ name, updatedAt, className, message, stack }) => ({
    id: name,
    file: name,
    bundle: name,
    stackTrace: [className === "" ? message : `${className}: ${message}`, ...stack].join("\n"),
    at: toInstant(updatedAt),
  }));
