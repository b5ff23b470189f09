export type { Clock, Timer } from "./clock/clock.ts";
export { type Micros, SECOND } from "./clock/instant.ts";
export { createManualClock, type ManualClock } from "./clock/manual-clock.ts";
export { createRealClock, type RealClockOptions } from "./clock/real-clock.ts";
export { type DemoFleet, type DemoFleetOptions, type DemoMember, startDemoFleet } from "./demo/demo-fleet.ts";
export { type FleetOptions, generateFleet } from "./demo/generate-fleet.ts";
export type { Fault, FaultHandle, FaultRule } from "./faults/fault.ts";
export type { FaultBoard } from "./faults/fault-board.ts";
export type { LoggedRequest, RequestFilter, RequestLog } from "./http/request-log.ts";
export type { DeployTimes, InstanceSpec, SimulatedInstance } from "./simulated-instance.ts";
export { createSimulator, type Simulator, type SimulatorOptions } from "./simulator.ts";
export type {
  AttemptContext,
  BrokenFileSpec,
  DagSpec,
  HistorySpec,
  LogLineSpec,
  LogSpec,
  ParamSpec,
  ScheduleSpec,
  TaskSpec,
  TriggerRule,
} from "./specs/dag-spec.ts";
export type { DeploymentSettings, UserSpec } from "./world/deployment.ts";
export type { Generation, World } from "./world/world.ts";
