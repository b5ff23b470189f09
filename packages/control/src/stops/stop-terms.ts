import type { InstanceRegistry } from "../fleet/instance-registry.ts";
import type { StopPorts } from "./stop-ports.ts";

/** How long a stop waits: as its caller says, else as its instance is set. */
export const createStopTerms =
  (registry: InstanceRegistry): StopPorts["terms"] =>
  ({ instance, waitSeconds }) => {
    const { stop_seconds: stopSeconds, presume_gone_seconds: presumeSeconds } = registry.get(instance).config.limits;
    return {
      waitMs: (waitSeconds ?? stopSeconds) * 1_000,
      presumeAfterMs: presumeSeconds === undefined ? undefined : presumeSeconds * 1_000,
    };
  };
