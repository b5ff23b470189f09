import { type Micros, SECOND } from "../clock/instant.ts";
import { hashOf } from "./chance.ts";
import type { World } from "./world.ts";

/** The heartbeats come every five seconds, each instance at its own phase. */
const BEAT_SECONDS = 5;

/** When the scheduler of this instance last said that it lives. */
export const lastHeartbeat = (world: World): Micros => {
  const every = BEAT_SECONDS * SECOND;
  const phase = hashOf("heartbeat", world.instanceId) % every;
  const now = world.clock.now();
  return Math.floor((now - phase) / every) * every + phase;
};
