export { reportJsonSchema } from "./openapi/report-json-schema.ts";
export { buildOpenApi, type OpenApiDocument } from "./openapi/build-openapi.ts";
export { type Permission, PERMISSIONS, type Role, ROLE_PERMISSIONS, ROLES } from "./permissions.ts";
export { type RouteId, ROUTES } from "./registry.ts";
export {
  COMMON_ERRORS,
  defineRoute,
  INSTANCE_ERRORS,
  type Method,
  type RouteDefinition,
  type RouteInput,
  type RouteOutput,
  type RouteRequest,
} from "./route.ts";
export { ACTION_STATES, ACTION_VERBS, type ActionState, type ActionVerb, type ActionView } from "./schemas/actions.ts";
export type { EventView } from "./schemas/events.ts";
export type { ExecutionView } from "./schemas/executions.ts";
export type { InstanceView } from "./schemas/instances.ts";
export type { ModuleView } from "./schemas/modules.ts";
export type { PipelineView } from "./schemas/pipelines.ts";
export type { ScheduleView } from "./schemas/schedules.ts";
export { Problem } from "./schemas/problem.ts";
export { TRIGGER_GOALS, TriggerItem, type TriggerView } from "./schemas/triggers.ts";
