import { hostname } from "node:os";
import type { Store } from "@airfleet/store";
import type { Clock } from "../clock.ts";
import type { Logger } from "../logger.ts";
import { createLoop, type Loop } from "./loop.ts";

interface MembershipPorts {
  readonly store: Store;
  readonly id: string;
  readonly roles: readonly string[];
  /** Told of the ids of all live processes, ours included, at each beat. */
  readonly onMembers: (ids: readonly string[], roles: ReadonlyMap<string, readonly string[]>) => Promise<void>;
  readonly heartbeatMs: number;
  readonly leaseMs: number;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly random: () => number;
}

/** Says that this process lives, and hears who else does. */
export const createMembership = (ports: MembershipPorts): Loop & { leave(): Promise<void> } => {
  const { store, id, roles, onMembers, heartbeatMs, leaseMs, clock, logger, random } = ports;
  const member = { id, hostname: hostname(), pid: process.pid, roles };
  const step = async (): Promise<number> => {
    await store.members.heartbeat(member);
    const live = await store.members.live(leaseMs);
    await onMembers(
      live.map((one) => one.id),
      new Map(live.map((one) => [one.id, one.roles])),
    );
    return heartbeatMs;
  };
  const loop = createLoop({ name: "members", step, clock, logger, random });
  return { ...loop, leave: () => store.members.leave(id) };
};
