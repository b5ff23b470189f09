import { toZuluDate } from "../clock/instant.ts";
import { type Answer, json, text } from "../http/answer.ts";
import { fileOf, relativeFileOf } from "../world/dag-record.ts";
import { sourceOf } from "../world/dag-source.ts";
import { BUNDLE, fileOfToken } from "../world/file-tokens.ts";
import type { ImportErrorRecord } from "../world/house-records.ts";
import { conflict, refuse } from "./detail.ts";
import { matchesPattern, orderingOf, pageOf, slice, sortBy, type SortKeys } from "./query.ts";
import { param, type V2Call, type V2Route } from "./route.ts";

const getSource = (call: V2Call): Answer => {
  const dagId = param(call, "dag_id");
  const number = call.request.query.get("version_number");
  const dag = call.deployment.world.dags.get(dagId);
  if (dag === undefined)
    return refuse(404, `The source code of the Dag ${dagId}, version_number ${number ?? "None"} was not found`);
  const version = number === null ? dag.versions.at(-1) : dag.versions.find((known) => String(known.number) === number);
  if (version === undefined)
    return refuse(404, `The source code of the Dag ${dag.dagId}, version_number ${number} was not found`);
  const content = sourceOf(dag.parsed);
  const accept = call.request.headers.accept ?? "*/*";
  if (accept.includes("text/plain")) return text(200, content, "text/plain; charset=utf-8");
  if (accept.includes("application/json") || accept.includes("*/*")) {
    return json(200, {
      content,
      dag_id: dag.dagId,
      version_number: version.number,
      dag_display_name: dag.parsed.displayName ?? dag.dagId,
    });
  }
  return refuse(406, "Only application/json or text/plain is supported");
};

/** Seconds until a file put at the front of the queue is parsed, before the time scale. */
const PARSE_SECONDS = 1;

const putParse = (call: V2Call): Answer => {
  const { world, scheduler } = call.deployment;
  const file = fileOfToken(call.deployment, param(call, "file_token"));
  const dags = [...world.dags.values()].filter((dag) => relativeFileOf(fileOf(dag.parsed)) === file);
  if (file === undefined || dags.length === 0) return refuse(404, "File not found");
  if (world.pendingParses.has(file)) conflict();
  world.pendingParses.add(file);
  scheduler.later(PARSE_SECONDS, () => {
    world.pendingParses.delete(file);
    for (const dag of dags) dag.lastParsedAt = world.clock.now();
  });
  return json(201, null);
};

const renderImportError = (error: ImportErrorRecord): object => ({
  import_error_id: error.id,
  timestamp: toZuluDate(error.at),
  filename: relativeFileOf(error.file),
  bundle_name: BUNDLE,
  stack_trace: error.stackTrace,
});

const SORT: SortKeys<ImportErrorRecord> = {
  id: (row) => row.id,
  import_error_id: (row) => row.id,
  timestamp: (row) => row.at,
  filename: (row) => row.file,
  bundle_name: () => BUNDLE,
  stacktrace: (row) => row.stackTrace,
};

const listImportErrors = ({ deployment, request: { query } }: V2Call): Answer => {
  const page = pageOf(query, deployment.settings.maximumPageLimit);
  const all = [...deployment.world.importErrors.values()].filter((row) =>
    matchesPattern(relativeFileOf(row.file), query.get("filename_pattern")),
  );
  const rows = sortBy(
    all,
    orderingOf(query.getAll("order_by"), SORT, (row) => row.id),
  );
  return json(200, { import_errors: slice(rows, page).map(renderImportError), total_entries: rows.length });
};

const getImportError = (call: V2Call): Answer => {
  const id = param(call, "import_error_id");
  const row = [...call.deployment.world.importErrors.values()].find((error) => String(error.id) === id);
  return json(
    200,
    renderImportError(row ?? refuse(404, `The ImportError with import_error_id: \`${id}\` was not found`)),
  );
};

export const dagFileRoutes: readonly V2Route[] = [
  { method: "GET", path: "/dagSources/{dag_id}", handle: getSource },
  { method: "PUT", path: "/parseDagFile/{file_token}", event: "reparse_dag_file", handle: putParse },
  { method: "GET", path: "/importErrors", handle: listImportErrors },
  { method: "GET", path: "/importErrors/{import_error_id}", handle: getImportError },
  { method: "GET", path: "/dagWarnings", handle: () => json(200, { dag_warnings: [], total_entries: 0 }) },
];
