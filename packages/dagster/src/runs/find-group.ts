import type { RunAddress } from "@airfleet/model";
import type { Deadline } from "@airfleet/http";
import { type Api, runUnknown } from "../api.ts";
import {
  findMembersDocument,
  findRunsDocument,
  findStepsDocument,
  type Lookup,
  type Member,
  type RunRow,
  type RunsFilter,
  type RunWithSteps,
} from "../documents/runs.ts";
import type { NameTable } from "../jobs/job-names.ts";
import { groupFilters, type RunGroup, toGroup } from "./run-group.ts";

/** Lookups of one call: each is a query of its own to Dagster's database. */
const LOOKUPS_PER_CALL = 100;

/** A job's name in Dagster: ids of jobs whose name is not unique have their place behind it. */
export const jobNameOf = (table: NameTable, dagId: RunAddress["dagId"]): string =>
  (table.places.get(dagId) ?? table.lost.get(dagId))?.job.pipelineName ?? dagId;

interface Placed {
  readonly jobName: string;
  readonly tags: readonly { readonly key: string; readonly value: string }[];
}

/** Whether a run is of this job, and not of one with its name at another place. Every run is tagged with its location. */
const isOf = (table: NameTable, dagId: RunAddress["dagId"], { jobName, tags }: Placed): boolean => {
  const place = table.places.get(dagId) ?? table.lost.get(dagId);
  if (place === undefined || place.dagId === jobName) return true;
  const location = tags.find(({ key }) => key === "dagster/code_location")?.value;
  return location === undefined || location === place.job.repositoryLocationName;
};

const createFinder =
  <Row extends Placed & Member>(toDocument: (filters: readonly RunsFilter[]) => Lookup<Row>) =>
  async (
    api: Api,
    addresses: readonly RunAddress[],
    deadline: Deadline,
  ): Promise<readonly (RunGroup<Row> | null)[]> => {
    const table = await api.names.table(deadline);
    const asked = addresses.map(({ dagId, runId }) => groupFilters(jobNameOf(table, dagId), runId));
    const filters = asked.flat();
    const answers: Row[][] = [];
    for (let start = 0; start < filters.length; start += LOOKUPS_PER_CALL) {
      const part = filters.slice(start, start + LOOKUPS_PER_CALL);
      const document = toDocument(part);
      const data = await api.graphql.ask(document, {}, deadline);
      part.forEach((_, index) => {
        const answer = data[`q${index}`];
        if (answer?.results === undefined) throw api.graphql.refusal(document, answer ?? { __typename: "no answer" });
        answers.push(answer.results);
      });
    }
    let next = 0;
    return addresses.map(({ dagId, runId }, index) => {
      const count = asked[index]?.length ?? 0;
      const found = answers.slice(next, next + count).map((rows) => rows.filter((row) => isOf(table, dagId, row)));
      next += count;
      return toGroup(runId, found);
    });
  };

/** The groups of these runs, null for those that are not there. */
export const findGroups = createFinder<RunRow>(findRunsDocument);
export const findMembers = createFinder<Member>(findMembersDocument);
export const findSteps = createFinder<RunWithSteps>(findStepsDocument);

/** @throws RUN_UNKNOWN */
export const needGroup = async (api: Api, address: RunAddress, deadline: Deadline): Promise<RunGroup<RunRow>> => {
  const [group] = await findGroups(api, [address], deadline);
  if (group === undefined || group === null) throw runUnknown(api, address);
  return group;
};
