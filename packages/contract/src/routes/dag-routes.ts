import { z } from "zod";
import { defineRoute, INSTANCE_ERRORS } from "../route.ts";
import { ActionView } from "../schemas/actions.ts";
import {
  DagDetailView,
  DagGraphView,
  DagList,
  DagListQuery,
  DagPatch,
  DagRow,
  DagSourceView,
  DagVersionView,
  Freshness,
} from "../schemas/dags.ts";
import { DagAddress, DagIdSchema, page } from "../schemas/primitives.ts";

const area = "DAGs";
const liveErrors = [...INSTANCE_ERRORS, "DAG_UNKNOWN"] as const;

export const listDags = defineRoute({
  id: "listDags",
  method: "GET",
  path: "/api/v1/dags",
  area,
  summary: "List the DAGs of the fleet: a row per DAG id, a cell per instance",
  description: "Answered from the store; every cell and every instance says how old it is.",
  permission: "dag:read",
  query: DagListQuery,
  response: DagList,
  errors: ["CURSOR_INVALID", "INSTANCE_UNKNOWN", "SELECTOR_INVALID"],
});

export const getFleetDag = defineRoute({
  id: "getFleetDag",
  method: "GET",
  path: "/api/v1/dags/{dag_id}",
  area,
  summary: "Show one DAG id on every instance that has it",
  permission: "dag:read",
  params: z.strictObject({ dag_id: DagIdSchema }),
  response: DagRow.extend({ instances: z.array(Freshness) }),
  errors: ["DAG_UNKNOWN"],
});

export const getDag = defineRoute({
  id: "getDag",
  method: "GET",
  path: "/api/v1/instances/{instance}/dags/{dag_id}",
  area,
  summary: "Read one DAG from its instance now",
  permission: "dag:read",
  params: DagAddress,
  response: DagDetailView,
  errors: liveErrors,
});

export const patchDag = defineRoute({
  id: "patchDag",
  method: "PATCH",
  path: "/api/v1/instances/{instance}/dags/{dag_id}",
  area,
  summary: "Pause or unpause a DAG",
  description: "Believed only when read back. Unpausing a scheduled DAG starts its last closed interval.",
  permission: "dag:pause",
  audited: true,
  confirm: "production",
  params: DagAddress,
  body: DagPatch,
  response: ActionView,
  deferrable: true,
  errors: [...liveErrors, "CONFIRMATION_NEEDED"],
  example: {
    params: { instance: "eu-prod-1", dag_id: "orders_daily" },
    body: { is_paused: true, confirm: "eu-prod-1" },
  },
});

export const getDagSource = defineRoute({
  id: "getDagSource",
  method: "GET",
  path: "/api/v1/instances/{instance}/dags/{dag_id}/source",
  area,
  summary: "Read the source text of a DAG's file",
  permission: "dag:read",
  params: DagAddress,
  response: DagSourceView,
  errors: liveErrors,
});

export const getDagGraph = defineRoute({
  id: "getDagGraph",
  method: "GET",
  path: "/api/v1/instances/{instance}/dags/{dag_id}/graph",
  area,
  summary: "Read the tasks of a DAG and their edges",
  permission: "dag:read",
  params: DagAddress,
  response: DagGraphView,
  errors: liveErrors,
});

export const listDagVersions = defineRoute({
  id: "listDagVersions",
  method: "GET",
  path: "/api/v1/instances/{instance}/dags/{dag_id}/versions",
  area,
  summary: "List the versions of a DAG that the instance keeps (Airflow 3)",
  permission: "dag:read",
  params: DagAddress,
  response: page(DagVersionView),
  errors: liveErrors,
});
