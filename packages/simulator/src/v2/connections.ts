import { type Answer, json, text } from "../http/answer.ts";
import { pythonJson } from "../http/python-text.ts";
import type { ConnectionRecord } from "../world/house-records.ts";
import { MASK, maskJsonText } from "../world/masking.ts";
import { type Body, type BodySpec, numberOf, readBody, textOf } from "./body.ts";
import { bulkRoute } from "./bulk.ts";
import { conflict, refuse } from "./detail.ts";
import { matchesPattern, orderingOf, pageOf, slice, sortBy } from "./query.ts";
import { param, type V2Call, type V2Route } from "./route.ts";

const OPTIONAL = { type: "string", isNullable: true } as const;
const BODY: BodySpec = {
  connection_id: { type: "string", isRequired: true, pattern: /^[\w.-]+$/, maxLength: 200 },
  conn_type: { type: "string", isRequired: true },
  description: OPTIONAL,
  host: OPTIONAL,
  login: OPTIONAL,
  schema: OPTIONAL,
  port: { type: "int", isNullable: true },
  password: OPTIONAL,
  extra: OPTIONAL,
  team_name: OPTIONAL,
};

const render = (row: ConnectionRecord): object => ({
  connection_id: row.connectionId,
  conn_type: row.connType,
  description: row.description,
  host: row.host,
  login: row.login,
  schema: row.schema,
  port: row.port,
  password: row.password === null ? null : MASK,
  extra: row.extra === null ? null : maskJsonText(row.extra, pythonJson),
  team_name: null,
});

const assign = (row: ConnectionRecord, body: Body, mask: readonly string[]): void => {
  const takes = (name: string): boolean => name in body && (mask.length === 0 || mask.includes(name));
  const optional = (name: string, old: string | null): string | null =>
    takes(name) ? (textOf(body, name) ?? null) : old;
  if (takes("conn_type")) row.connType = textOf(body, "conn_type") ?? row.connType;
  row.description = optional("description", row.description);
  row.host = optional("host", row.host);
  row.login = optional("login", row.login);
  row.schema = optional("schema", row.schema);
  row.password = optional("password", row.password);
  row.extra = optional("extra", row.extra);
  if (takes("port")) row.port = numberOf(body, "port") ?? null;
};

const toRecord = (body: Body): ConnectionRecord => {
  const row: ConnectionRecord = {
    connectionId: textOf(body, "connection_id") ?? "",
    connType: "",
    description: null,
    host: null,
    login: null,
    schema: null,
    port: null,
    password: null,
    extra: null,
  };
  assign(row, body, []);
  return row;
};

const connectionOr404 = (call: V2Call): ConnectionRecord => {
  const id = param(call, "connection_id");
  return (
    call.deployment.world.connections.get(id) ??
    refuse(404, `The Connection with connection_id: \`${id}\` was not found`)
  );
};

const listConnections = ({ deployment, request: { query } }: V2Call): Answer => {
  const page = pageOf(query, deployment.settings.maximumPageLimit);
  const all = [...deployment.world.connections.values()].filter((row) =>
    matchesPattern(row.connectionId, query.get("connection_id_pattern")),
  );
  const keys = {
    id: (row: ConnectionRecord) => all.indexOf(row),
    connection_id: (row: ConnectionRecord) => row.connectionId,
    conn_type: (row: ConnectionRecord) => row.connType,
    description: (row: ConnectionRecord) => row.description,
    host: (row: ConnectionRecord) => row.host,
    port: (row: ConnectionRecord) => row.port,
  };
  const rows = sortBy(
    all,
    orderingOf(query.getAll("order_by"), keys, (row) => all.indexOf(row)),
  );
  return json(200, { connections: slice(rows, page).map(render), total_entries: rows.length });
};

const createConnection = (call: V2Call): Answer => {
  const { connections } = call.deployment.world;
  const row = toRecord(readBody(call.request, BODY));
  if (connections.has(row.connectionId)) conflict();
  connections.set(row.connectionId, row);
  return json(201, render(row));
};

const patchConnection = (call: V2Call): Answer => {
  const body = readBody(call.request, BODY);
  const id = param(call, "connection_id");
  if (textOf(body, "connection_id") !== id)
    refuse(400, "The connection_id in the request body does not match the URL parameter");
  const row = connectionOr404(call);
  assign(
    row,
    body,
    call.request.query.getAll("update_mask").flatMap((name) => name.split(",")),
  );
  return json(200, render(row));
};

const deleteConnection = (call: V2Call): Answer => {
  call.deployment.world.connections.delete(connectionOr404(call).connectionId);
  return text(204, "", "application/json");
};

const testConnection = (call: V2Call): Answer => {
  readBody(call.request, BODY);
  return refuse(
    403,
    "Testing connections is disabled in Airflow configuration. Contact your deployment admin to enable it.",
  );
};

export const connectionRoutes: readonly V2Route[] = [
  { method: "GET", path: "/connections", handle: listConnections },
  { method: "POST", path: "/connections", event: "post_connection", handle: createConnection },
  bulkRoute({
    path: "/connections",
    noun: "connections",
    keyName: "connection_id",
    keysNoun: "connection_ids",
    spec: BODY,
    rows: (world) => world.connections,
    create: toRecord,
    update: (row, body) => assign(row, body, []),
  }),
  { method: "POST", path: "/connections/test", handle: testConnection },
  { method: "GET", path: "/connections/{connection_id}", handle: (call) => json(200, render(connectionOr404(call))) },
  { method: "PATCH", path: "/connections/{connection_id}", event: "patch_connection", handle: patchConnection },
  { method: "DELETE", path: "/connections/{connection_id}", event: "delete_connection", handle: deleteConnection },
];
