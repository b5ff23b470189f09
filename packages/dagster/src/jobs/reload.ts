import type { DagId } from "@airfleet/model";
import type { Deadline } from "@airfleet/http";
import type { Api } from "../api.ts";
import { reloadDocument } from "../documents/locations.ts";
import { needJob } from "./job-reads.ts";

/** Loads the job's code location anew, with every job that is in it. */
export const reload = async (api: Api, dagId: DagId, deadline: Deadline): Promise<void> => {
  const { job } = await needJob(api, dagId, deadline);
  const variables = { location: job.repositoryLocationName };
  const { reloadRepositoryLocation: answer } = await api.graphql.ask(reloadDocument, variables, deadline);
  if (answer.__typename !== "WorkspaceLocationEntry") throw api.graphql.refusal(reloadDocument, answer);
  await api.names.refresh(deadline);
};
