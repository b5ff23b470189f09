import type { Loop } from "../reconcilers/loop.ts";
import { createTriggerRetention, type TriggerKeep } from "./trigger-retention.ts";
import { createTriggerUseCases, type TriggerPorts } from "./trigger-use-cases.ts";
import type { TriggerUseCases } from "./trigger.ts";
import { createTriggerWatch } from "./trigger-watch.ts";

type Ports = TriggerPorts &
  Parameters<typeof createTriggerWatch>[0] & {
    readonly keep: TriggerKeep;
    /** Whether this process reads instances by itself. */
    readonly reads: boolean;
  };

/** Asking for runs, with what goes on behind it. */
export interface Triggers {
  readonly useCases: TriggerUseCases;
  start(): void;
  stop(): Promise<void>;
}

export const createTriggers = (ports: Ports): Triggers => {
  const loops: readonly Loop[] = [createTriggerRetention(ports), ...(ports.reads ? [createTriggerWatch(ports)] : [])];
  return {
    useCases: createTriggerUseCases(ports),
    start() {
      for (const loop of loops) loop.start();
    },
    async stop() {
      await Promise.all(loops.map((loop) => loop.stop()));
    },
  };
};
