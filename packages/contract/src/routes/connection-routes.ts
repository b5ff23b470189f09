import { z } from "zod";
import { defineRoute } from "../route.ts";
import {
  ConnectionAddress,
  ConnectionBody,
  ConnectionCheckBody,
  ConnectionCheckView,
  ConnectionView,
  NewConnectionBody,
} from "../schemas/connections.ts";
import { page } from "../schemas/primitives.ts";

const area = "Connections";
const CONNECTIONS = "/api/v1/connections";
const CONNECTION = `${CONNECTIONS}/{connection}`;
const versionErrors = ["VERSION_CONFLICT", "VERSION_MISSING"] as const;
const params = { connection: "warehouse" };
const warehouse = {
  kind: "postgres" as const,
  host: "db.example.org",
  port: 5432,
  login: "etl",
  password: "secret",
  schema: "sales",
};

export const listConnections = defineRoute({
  id: "listConnections",
  method: "GET",
  path: CONNECTIONS,
  area,
  summary: "List how steps sign in to databases and services; secrets are never shown",
  permission: "connection:read",
  response: page(ConnectionView),
  errors: [],
});

export const createConnection = defineRoute({
  id: "createConnection",
  method: "POST",
  path: CONNECTIONS,
  area,
  summary: "Create a connection",
  permission: "connection:write",
  audited: true,
  body: NewConnectionBody,
  response: ConnectionView,
  status: 201,
  errors: ["DOCUMENT_EXISTS"],
  example: { body: { id: "warehouse", ...warehouse } },
});

export const getConnection = defineRoute({
  id: "getConnection",
  method: "GET",
  path: CONNECTION,
  area,
  summary: "Show a connection without its secrets, with its version as ETag",
  permission: "connection:read",
  params: ConnectionAddress,
  response: ConnectionView,
  errors: ["DOCUMENT_UNKNOWN"],
  example: { params },
});

export const putConnection = defineRoute({
  id: "putConnection",
  method: "PUT",
  path: CONNECTION,
  area,
  summary: "Write a connection: a new one without If-Match, one that is there with the ETag that was last read",
  description: "A password or extra that is left out stays as it is; null or {} forgets it.",
  permission: "connection:write",
  audited: true,
  params: ConnectionAddress,
  body: ConnectionBody,
  response: ConnectionView,
  errors: ["DOCUMENT_EXISTS", "DOCUMENT_UNKNOWN", ...versionErrors],
  example: { params, body: warehouse },
});

export const deleteConnection = defineRoute({
  id: "deleteConnection",
  method: "DELETE",
  path: CONNECTION,
  area,
  summary: "Remove a connection",
  permission: "connection:write",
  audited: true,
  params: ConnectionAddress,
  response: z.undefined(),
  status: 204,
  errors: ["DOCUMENT_UNKNOWN", ...versionErrors],
  example: { params },
});

export const checkConnection = defineRoute({
  id: "checkConnection",
  method: "POST",
  path: `${CONNECTION}/check`,
  area,
  summary: "Say where a connection is found, which engines have it, and whether something answers at its address",
  permission: "connection:read",
  params: ConnectionAddress,
  body: ConnectionCheckBody,
  response: ConnectionCheckView,
  errors: ["INSTANCE_UNKNOWN", "CONNECTION_UNREADABLE"],
  example: { params, body: {} },
});
