import { CONFIG_KINDS } from "@airfleet/model";
import { z } from "zod";
import { defineRoute, INSTANCE_ERRORS, REPEATABLE_ERRORS } from "../route.ts";
import { ActionView } from "../schemas/actions.ts";
import { ImportErrorView } from "../schemas/dags.ts";
import { ConfigEntryPut, ConfigEntryView } from "../schemas/house.ts";
import { InstanceCreate, InstancePatch, InstanceView, ProbeView } from "../schemas/instances.ts";
import { InstanceAddress, InstantSchema, page } from "../schemas/primitives.ts";

const area = "Instances";

export const listInstances = defineRoute({
  id: "listInstances",
  method: "GET",
  path: "/api/v1/instances",
  area,
  summary: "List the instances of the fleet with their health",
  permission: "instance:read",
  response: page(InstanceView),
  errors: [],
});

export const getInstance = defineRoute({
  id: "getInstance",
  method: "GET",
  path: "/api/v1/instances/{instance}",
  area,
  summary: "Show one instance; the ETag is its version",
  permission: "instance:read",
  params: InstanceAddress,
  response: InstanceView,
  errors: ["INSTANCE_UNKNOWN"],
});

export const createInstance = defineRoute({
  id: "createInstance",
  method: "POST",
  path: "/api/v1/instances",
  area,
  summary: "Add an instance; its credentials are encrypted",
  permission: "instance:write",
  audited: true,
  body: InstanceCreate,
  response: InstanceView,
  status: 201,
  errors: [...REPEATABLE_ERRORS, "INSTANCE_EXISTS", "INSTANCE_ID_INVALID"],
  example: {
    body: {
      id: "eu-prod-1",
      url: "https://airflow.eu.example.org",
      tier: "production",
      auth: { type: "login", username: "airfleet", password: "…" },
    },
  },
});

export const patchInstance = defineRoute({
  id: "patchInstance",
  method: "PATCH",
  path: "/api/v1/instances/{instance}",
  area,
  summary: "Change an instance that was added through the API",
  description: "Needs If-Match with the version last read, so that two people cannot overwrite each other.",
  permission: "instance:write",
  audited: true,
  params: InstanceAddress,
  body: InstancePatch,
  response: InstanceView,
  errors: ["INSTANCE_FROM_FILE", "INSTANCE_UNKNOWN", "VERSION_CONFLICT", "VERSION_MISSING"],
});

export const deleteInstance = defineRoute({
  id: "deleteInstance",
  method: "DELETE",
  path: "/api/v1/instances/{instance}",
  area,
  summary: "Forget an instance that was added through the API; its history stays",
  permission: "instance:write",
  audited: true,
  params: InstanceAddress,
  response: z.undefined(),
  status: 204,
  errors: ["INSTANCE_FROM_FILE", "INSTANCE_UNKNOWN", "VERSION_CONFLICT", "VERSION_MISSING"],
});

export const probeInstance = defineRoute({
  id: "probeInstance",
  method: "POST",
  path: "/api/v1/instances/{instance}/probe",
  area,
  summary: "Ask the instance for version, health and abilities now",
  permission: "instance:read",
  params: InstanceAddress,
  response: ProbeView,
  errors: ["INSTANCE_DISABLED", "INSTANCE_UNKNOWN"],
});

export const listInstanceConfig = defineRoute({
  id: "listInstanceConfig",
  method: "GET",
  path: "/api/v1/instances/{instance}/config",
  area,
  summary: "List variables, connections and pools: names and value hashes, never values",
  permission: "config:read",
  params: InstanceAddress,
  query: z.strictObject({ kind: z.enum(CONFIG_KINDS).optional() }),
  response: page(ConfigEntryView),
  errors: INSTANCE_ERRORS,
});

export const putInstanceConfig = defineRoute({
  id: "putInstanceConfig",
  method: "PUT",
  path: "/api/v1/instances/{instance}/config/{kind}/{key}",
  area,
  summary: "Create or replace a variable, connection or pool",
  permission: "config:write",
  audited: true,
  confirm: "production",
  params: InstanceAddress.extend({ kind: z.enum(CONFIG_KINDS), key: z.string().min(1).max(250) }),
  body: ConfigEntryPut,
  response: ActionView,
  deferrable: true,
  errors: [...INSTANCE_ERRORS, "CONFIG_ENTRY_INVALID", "CONFIRMATION_NEEDED"],
});

export const listImportErrors = defineRoute({
  id: "listImportErrors",
  method: "GET",
  path: "/api/v1/instances/{instance}/import-errors",
  area,
  summary: "List the DAG files that the instance cannot parse",
  permission: "dag:read",
  params: InstanceAddress,
  response: page(ImportErrorView),
  errors: INSTANCE_ERRORS,
});

export const listEngineEvents = defineRoute({
  id: "listEngineEvents",
  method: "GET",
  path: "/api/v1/instances/{instance}/engine-events",
  area,
  summary: "Read the engine's own audit log, newest first",
  permission: "audit:read",
  params: InstanceAddress,
  query: z.strictObject({
    dag_id: z.string().max(250).optional(),
    dag_run_id: z.string().max(250).optional(),
    since: InstantSchema.optional(),
    limit: z.coerce.number().int().min(1).max(1_000).default(100),
  }),
  response: page(
    z.object({
      id: z.string(),
      at: InstantSchema,
      event: z.string(),
      owner: z.string().nullable(),
      dag_id: z.string().nullable(),
      dag_run_id: z.string().nullable(),
      task_id: z.string().nullable(),
    }),
  ),
  errors: INSTANCE_ERRORS,
});
