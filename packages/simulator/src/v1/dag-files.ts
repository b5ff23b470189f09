import { toOffsetDate } from "../clock/instant.ts";
import { html, json, text } from "../http/answer.ts";
import { fileOf } from "../world/dag-record.ts";
import { sourceOf } from "../world/dag-source.ts";
import { fileOfToken } from "../world/file-tokens.ts";
import { refuse } from "./problem.ts";
import { pageOf, slice, sortRows } from "./query.ts";
import { ORDERED_PAGE, param, type V1Call, type V1Route } from "./route.ts";

const getSource = (call: V1Call) => {
  const file = fileOfToken(call.deployment, param(call, "file_token"));
  const dag = [...call.deployment.world.dags.values()].find((candidate) => fileOf(candidate.parsed) === file);
  if (file === undefined || dag === undefined) return refuse(404, { title: "Dag source not found", detail: null });
  const content = sourceOf(dag.parsed);
  const accept = call.request.headers.accept ?? "*/*";
  if (accept.includes("application/json")) return json(200, { content });
  if (accept.includes("text/plain") || accept.includes("*/*")) return text(200, content, "text/plain; charset=utf-8");
  return text(406, "", "text/html; charset=utf-8");
};

/** Seconds until a file put at the front of the queue is parsed, before the time scale. */
const PARSE_SECONDS = 1;

const putParse = (call: V1Call) => {
  const { world, scheduler } = call.deployment;
  const file = fileOfToken(call.deployment, param(call, "file_token"));
  const dags = [...world.dags.values()].filter((dag) => fileOf(dag.parsed) === file);
  if (file === undefined || dags.length === 0) return refuse(404, { title: "File not found", detail: null });
  if (world.pendingParses.has(file)) return html(201, "Duplicate request");
  world.pendingParses.add(file);
  scheduler.later(PARSE_SECONDS, () => {
    world.pendingParses.delete(file);
    for (const dag of dags) dag.lastParsedAt = world.clock.now();
  });
  return html(201, "");
};

const renderImportError = (error: { id: number; file: string; stackTrace: string; at: number }): object => ({
  filename: error.file,
  import_error_id: error.id,
  stack_trace: error.stackTrace,
  timestamp: toOffsetDate(error.at),
});

const listImportErrors = ({ deployment, request: { query } }: V1Call) => {
  const page = pageOf(query, deployment.settings.maximumPageLimit);
  const rows = sortRows([...deployment.world.importErrors.values()], query.get("order_by") ?? "import_error_id", {
    import_error_id: (row) => row.id,
    timestamp: (row) => row.at,
    filename: (row) => row.file,
  });
  return json(200, { import_errors: slice(rows, page).map(renderImportError), total_entries: rows.length });
};

const getImportError = (call: V1Call) => {
  const id = Number(param(call, "import_error_id"));
  const row = [...call.deployment.world.importErrors.values()].find((error) => error.id === id);
  if (row === undefined) {
    return refuse(404, {
      title: "Import error not found",
      detail: `The ImportError with import_error_id: \`${id}\` was not found`,
    });
  }
  return json(200, renderImportError(row));
};

export const dagFileRoutes: readonly V1Route[] = [
  { method: "GET", path: "/dagSources/{file_token}", handle: getSource },
  { method: "PUT", path: "/parseDagFile/{file_token}", event: "api.reparse_dag_file", handle: putParse },
  { method: "GET", path: "/importErrors", query: ORDERED_PAGE, handle: listImportErrors },
  { method: "GET", path: "/importErrors/{import_error_id}", handle: getImportError },
  {
    method: "GET",
    path: "/dagWarnings",
    query: { ...ORDERED_PAGE, dag_id: "string", warning_type: "string" },
    handle: () => json(200, { dag_warnings: [], total_entries: 0 }),
  },
];
