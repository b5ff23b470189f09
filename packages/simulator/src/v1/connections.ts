import { type Answer, html, json, text } from "../http/answer.ts";
import { pythonJson } from "../http/python-text.ts";
import type { ConnectionRecord } from "../world/house-records.ts";
import { maskJsonText } from "../world/masking.ts";
import { type Body, type BodySpec, numberOf, readBody, textOf } from "./body.ts";
import { badRequest, refuse } from "./problem.ts";
import { list, pageOf, slice, sortRows } from "./query.ts";
import { ORDERED_PAGE, param, type V1Call, type V1Route } from "./route.ts";

const OPTIONAL = { type: "string", isNullable: true } as const;
const BODY: BodySpec = {
  connection_id: { type: "string" },
  conn_type: { type: "string" },
  description: OPTIONAL,
  host: OPTIONAL,
  login: OPTIONAL,
  schema: OPTIONAL,
  port: { type: "integer", isNullable: true },
  password: OPTIONAL,
  extra: OPTIONAL,
};

/** The list has neither password nor extra; a single answer has the extra with its secrets masked. */
const renderRow = (row: ConnectionRecord): object => ({
  conn_type: row.connType,
  connection_id: row.connectionId,
  description: row.description,
  host: row.host,
  login: row.login,
  port: row.port,
  schema: row.schema,
});

const render = (row: ConnectionRecord): object => ({
  ...renderRow(row),
  extra: row.extra === null ? null : maskJsonText(row.extra, pythonJson),
});

const connectionOr404 = (call: V1Call): ConnectionRecord => {
  const id = param(call, "connection_id");
  return (
    call.deployment.world.connections.get(id) ??
    refuse(404, { title: "Connection not found", detail: `The Connection with connection_id: \`${id}\` was not found` })
  );
};

const listConnections = ({ deployment, request: { query } }: V1Call): Answer => {
  const page = pageOf(query, deployment.settings.maximumPageLimit);
  const all = [...deployment.world.connections.values()];
  const rows = sortRows(all, query.get("order_by") ?? "id", {
    id: (row) => all.indexOf(row),
    connection_id: (row) => row.connectionId,
    conn_type: (row) => row.connType,
    description: (row) => row.description,
    host: (row) => row.host,
    port: (row) => row.port,
  });
  return json(200, { connections: slice(rows, page).map(renderRow), total_entries: rows.length });
};

const toRecord = (body: Body, base?: ConnectionRecord): ConnectionRecord => {
  const field = (name: string, old: string | null | undefined): string | null =>
    name in body ? (textOf(body, name) ?? null) : (old ?? null);
  return {
    connectionId: textOf(body, "connection_id") ?? base?.connectionId ?? "",
    connType: textOf(body, "conn_type") ?? base?.connType ?? "",
    description: field("description", base?.description),
    host: field("host", base?.host),
    login: field("login", base?.login),
    schema: field("schema", base?.schema),
    port: "port" in body ? (numberOf(body, "port") ?? null) : (base?.port ?? null),
    password: field("password", base?.password),
    extra: field("extra", base?.extra),
  };
};

const createConnection = (call: V1Call): Answer => {
  const { connections } = call.deployment.world;
  const body = readBody(call.request, BODY);
  const missing = ["connection_id", "conn_type"].filter((name) => !(name in body));
  if (missing.length > 0) {
    badRequest(`{${missing.map((name) => `'${name}': ['Missing data for required field.']`).join(", ")}}`);
  }
  const row = toRecord(body);
  if (!/^[\w.-]+$/.test(row.connectionId)) {
    badRequest(
      `The key '${row.connectionId}' has to be made of alphanumeric characters, dashes, dots and underscores exclusively`,
    );
  }
  if (connections.has(row.connectionId)) refuse(409, { detail: `Connection already exist. ID: ${row.connectionId}` });
  connections.set(row.connectionId, row);
  return json(200, render(row));
};

const patchConnection = (call: V1Call): Answer => {
  const body = readBody(call.request, BODY);
  const row = connectionOr404(call);
  const mask = list(call.request.query, "update_mask");
  const unknown = mask.find((name) => !(name in BODY));
  if (unknown !== undefined) badRequest(`'${unknown}' is unknown or cannot be updated.`);
  if ("connection_id" in body && textOf(body, "connection_id") !== row.connectionId) {
    badRequest("The connection_id cannot be updated.");
  }
  const allowed =
    mask.length === 0 ? body : Object.fromEntries(Object.entries(body).filter(([name]) => mask.includes(name)));
  Object.assign(row, toRecord(allowed, row));
  return json(200, render(row));
};

const testConnection = (call: V1Call): Answer => {
  readBody(call.request, BODY);
  return text(
    403,
    "Testing connections is disabled in Airflow configuration. Contact your deployment admin to enable it.",
    "text/html; charset=utf-8",
  );
};

const deleteConnection = (call: V1Call): Answer => {
  call.deployment.world.connections.delete(connectionOr404(call).connectionId);
  return { ...html(204, ""), headers: { "content-type": "application/json" } };
};

export const connectionRoutes: readonly V1Route[] = [
  { method: "GET", path: "/connections", query: ORDERED_PAGE, handle: listConnections },
  { method: "POST", path: "/connections", event: "api.connection.create", handle: createConnection },
  { method: "POST", path: "/connections/test", handle: testConnection },
  { method: "GET", path: "/connections/{connection_id}", handle: (call) => json(200, render(connectionOr404(call))) },
  {
    method: "PATCH",
    path: "/connections/{connection_id}",
    query: { update_mask: "string" },
    event: "api.connection.edit",
    handle: patchConnection,
  },
  { method: "DELETE", path: "/connections/{connection_id}", event: "api.connection.delete", handle: deleteConnection },
];
