export type { IssuedToken, Token, TokenRequest } from "./access/token.ts";
export type { Action, ActionIntent, ActionQuery, ActionState, ActionVerb, ActionWarning } from "./actions/action.ts";
export type { Actor, ActorRole } from "./actor.ts";
export type { AuditEntry, AuditFilter, AuditPage, AuditVerification } from "./audit/audit.ts";
export type {
  AccessUseCases,
  ActionUseCases,
  AuditUseCases,
  Control,
  FleetUseCases,
  InstanceUseCases,
  LiveUseCases,
  ReadOptions,
} from "./control.ts";
export type {
  FleetDag,
  FleetDagCell,
  FleetDagPage,
  FleetDagQuery,
  InstanceFreshness,
  LastRun,
} from "./fleet/fleet-dag.ts";
export type { FleetInstance, InstanceStatus } from "./fleet/fleet-instance.ts";
