import { type DagId, toDagId } from "@airfleet/model";
import type { Clock, Deadline } from "@airfleet/http";
import { namesDocument } from "../documents/jobs.ts";
import type { JobSelector } from "../documents/parts.ts";
import type { GraphqlClient } from "../graphql/graphql-client.ts";
import { RUNTIME_TAG, type Tag, tagOf } from "../tags.ts";

/** The repository of everything that is made by `Definitions`. */
const USUAL_REPOSITORY = "__repository__";

/** Where a job is. */
export interface JobPlace {
  readonly dagId: DagId;
  readonly job: JobSelector;
  /** Its steps have our guard and take their conf from our resource. */
  readonly hasRuntime: boolean;
  /** Tags meant for each of its runs, which a launch by API drops unless it brings them along. */
  readonly runTags: readonly Tag[];
}

/** A code location that cannot be loaded. */
export interface BrokenLocation {
  readonly name: string;
  readonly updatedAt: number;
  readonly className: string;
  readonly message: string;
  readonly stack: readonly string[];
}

/** What the code locations have, as of one reading. */
export interface NameTable {
  readonly places: ReadonlyMap<DagId, JobPlace>;
  readonly broken: readonly BrokenLocation[];
  /** Jobs that a broken location had when it was last whole, as far as we saw it. */
  readonly lost: ReadonlyMap<DagId, JobPlace>;
  /** When the location was last loaded, seconds since the epoch. */
  updatedAt(location: string): number;
  /** What a run's job is called. */
  idOf(job: string, location: string, repository: string): DagId;
}

/** Which jobs there are, by the ids that we give them. */
export interface JobNames {
  /** As known, at most half a minute old. */
  table(deadline: Deadline): Promise<NameTable>;
  /** Where the job is; looks anew when it is not known. */
  find(dagId: DagId, deadline: Deadline): Promise<JobPlace | undefined>;
  /** Read anew. */
  refresh(deadline: Deadline): Promise<NameTable>;
}

/** Jobs come and go by reloading a code location, which people do seldom. */
const FRESH_MS = 30_000;

const qualified = (job: string, location: string, repository: string): string =>
  repository === USUAL_REPOSITORY ? `${job}@${location}` : `${job}@${location}.${repository}`;

interface Found {
  readonly name: string;
  readonly location: string;
  readonly repository: string;
  readonly hasRuntime: boolean;
  readonly runTags: readonly Tag[];
}

/**
 * Gives ids to jobs: the job's name, with its place behind an `@` where several places have a job of that name. Pure.
 *
 * @param before jobs of locations that are broken now, as they were when last seen
 */
export const nameJobs = (
  found: readonly Found[],
  before: readonly Found[],
  broken: readonly BrokenLocation[],
  loadedAt: ReadonlyMap<string, number> = new Map(),
): NameTable => {
  const all = [...found, ...before];
  const counts = new Map<string, number>();
  for (const { name } of all) counts.set(name, (counts.get(name) ?? 0) + 1);
  const idOf = (name: string, location: string, repository: string): DagId =>
    toDagId((counts.get(name) ?? 0) > 1 ? qualified(name, location, repository) : name);
  const toPlaces = (jobs: readonly Found[]): ReadonlyMap<DagId, JobPlace> =>
    new Map(
      jobs.map(({ name, location, repository, hasRuntime, runTags }) => {
        const dagId = idOf(name, location, repository);
        const job = { pipelineName: name, repositoryName: repository, repositoryLocationName: location };
        return [dagId, { dagId, job, hasRuntime, runTags }];
      }),
    );
  return {
    places: toPlaces(found),
    lost: toPlaces(before),
    broken,
    idOf,
    updatedAt: (location) => loadedAt.get(location) ?? 0,
  };
};

export const createJobNames = (graphql: GraphqlClient, clock: Clock): JobNames => {
  const seen = new Map<string, readonly Found[]>();
  let known: { readonly table: NameTable; readonly until: number } | undefined;

  const refresh = async (deadline: Deadline): Promise<NameTable> => {
    const { workspaceOrError: workspace } = await graphql.ask(namesDocument, {}, deadline);
    if (workspace.locationEntries === undefined) throw graphql.refusal(namesDocument, workspace);
    const broken: BrokenLocation[] = [];
    for (const { name, updatedTimestamp, locationOrLoadError: location } of workspace.locationEntries) {
      if (location?.repositories === undefined) {
        broken.push({
          name,
          updatedAt: updatedTimestamp,
          className: location?.className ?? "",
          message: location?.message ?? "it is being loaded",
          stack: location?.stack ?? [],
        });
        continue;
      }
      const jobs = location.repositories.flatMap((repository) =>
        repository.jobs.map((job) => ({
          name: job.name,
          location: name,
          repository: repository.name,
          hasRuntime: tagOf(job.tags, RUNTIME_TAG) !== undefined,
          runTags: job.runTags,
        })),
      );
      seen.set(name, jobs);
    }
    const names = new Set(workspace.locationEntries.map(({ name }) => name));
    for (const name of seen.keys()) if (!names.has(name)) seen.delete(name);
    const isBroken = new Set(broken.map(({ name }) => name));
    const jobsOf = (wanted: boolean): Found[] =>
      [...seen].filter(([name]) => isBroken.has(name) === wanted).flatMap(([, jobs]) => jobs);
    const loadedAt = new Map(workspace.locationEntries.map((entry) => [entry.name, entry.updatedTimestamp]));
    const table = nameJobs(jobsOf(false), jobsOf(true), broken, loadedAt);
    known = { table, until: clock.monotonic() + FRESH_MS };
    return table;
  };

  const table = async (deadline: Deadline): Promise<NameTable> =>
    known !== undefined && clock.monotonic() < known.until ? known.table : refresh(deadline);
  return {
    table,
    refresh,
    find: async (dagId, deadline) =>
      (await table(deadline)).places.get(dagId) ?? (await refresh(deadline)).places.get(dagId),
  };
};
