import { type Deadline, parseAnswer } from "@airfleet/http";
import type { DagQuery, Page } from "@airfleet/engine";
import type { Dag, DagDetail, DagId, DagVersion, GraphNode, ImportError } from "@airfleet/model";
import { z } from "zod";
import { type Api, read, readAll, toRequest } from "../api.ts";
import { path } from "../api-path.ts";
import { capabilityMissing, dagUnknown } from "../missing.ts";
import { toOffset, toPageToken } from "../page-tokens.ts";
import { DagVersionsShape } from "../v2/dag-shapes.ts";

/** One page of DAGs by id, broken and removed ones included. */
export const listDags = async (api: Api, query: DagQuery, deadline: Deadline): Promise<Page<Dag>> => {
  const limit = Math.min(query.limit ?? api.dialect.pageRows, api.dialect.pageRows);
  const offset = toOffset(query.after);
  const page = await read(api, path`/dags`, api.dialect.shapes.dags, deadline, {
    query: api.dialect.dagsQuery({ ...query, limit }),
  });
  const end = offset + page.rows.length;
  const next = page.rows.length === 0 || end >= (page.total ?? 0) ? null : toPageToken({ kind: "offset", offset: end });
  const wanted = query.dagIdContains?.toLowerCase();
  if (wanted === undefined) return { items: page.rows, next, total: page.total };
  // In both generations' patterns `_` stands for any character, so more may come than was asked for.
  const items = page.rows.filter(({ dagId }) => dagId.toLowerCase().includes(wanted));
  return { items, next, total: items.length === page.rows.length ? page.total : null };
};

/** One DAG, also a broken or removed one. */
export const getDag = (api: Api, dagId: DagId, deadline: Deadline): Promise<Dag> =>
  read(api, path`/dags/${dagId}`, api.dialect.shapes.dag, deadline, { missing: () => dagUnknown(api, dagId) });

/** One DAG with what costs the server another query. Airflow 2 forgets the owners here, so they are read beside it. */
export const getDagDetail = async (api: Api, dagId: DagId, deadline: Deadline): Promise<DagDetail> => {
  const detail = await read(api, path`/dags/${dagId}/details`, api.dialect.shapes.dagDetail, deadline, {
    missing: () => dagUnknown(api, dagId),
  });
  if (api.dialect.generation === 3 || detail.owners.length > 0) return detail;
  return { ...detail, owners: (await getDag(api, dagId, deadline)).owners };
};

const SourceShape = z.object({ content: z.string().nullable() });

/** The text of the DAG's file: by file token on Airflow 2, by DAG id on 3. */
export const getDagSource = async (api: Api, dagId: DagId, deadline: Deadline): Promise<string> => {
  const missing = () => dagUnknown(api, dagId);
  let place = path`/dagSources/${dagId}`;
  if (api.dialect.generation === 2) {
    const { fileToken } = await getDag(api, dagId, deadline);
    if (fileToken === null) throw missing();
    place = path`/dagSources/${fileToken}`;
  }
  const request = toRequest(api, "GET", place, { passes: [404] });
  const answer = await api.http.call(request, deadline);
  if (answer.status === 404) throw missing();
  const text = answer.bytes.toString("utf8");
  // Where our Accept header does not arrive, Airflow 2 sends the source itself.
  if (!answer.headers.contentType.includes("json")) return text;
  return parseAnswer(api.http, request, answer, SourceShape).content ?? "";
};

/** The tasks with their edges, by task id. */
export const getDagGraph = async (api: Api, dagId: DagId, deadline: Deadline): Promise<readonly GraphNode[]> => {
  const { rows } = await read(api, path`/dags/${dagId}/tasks`, api.dialect.shapes.tasks, deadline, {
    missing: () => dagUnknown(api, dagId),
  });
  return [...rows].sort((left, right) => (left.taskId < right.taskId ? -1 : 1));
};

/** Stored versions, newest first. */
export const listDagVersions = async (api: Api, dagId: DagId, deadline: Deadline): Promise<readonly DagVersion[]> => {
  if (!api.dialect.capabilities.versions) {
    throw capabilityMissing(api, "list DAG versions", "Airflow keeps versions from 3.0 on.");
  }
  return readAll(api, path`/dags/${dagId}/dagVersions`, DagVersionsShape, deadline, {
    query: { order_by: "-version_number" },
    missing: () => dagUnknown(api, dagId),
  });
};

/** Files that do not parse. */
export const listImportErrors = (api: Api, deadline: Deadline): Promise<readonly ImportError[]> =>
  readAll(api, path`/importErrors`, api.dialect.shapes.importErrors, deadline, {
    query: { order_by: "import_error_id" },
  });
