import { createDeliveryPump, type DeliveryPump, type PumpPorts } from "./delivery-pump.ts";
import type { Receiver } from "./receiver.ts";

/** One pump for each receiver. */
export interface DeliveryPumps {
  /** Sends to these from now on, and to no others. */
  follow(receivers: readonly Receiver[]): void;
  /** Wakes the pumps of these receivers, or all. */
  wake(receivers?: readonly string[]): void;
  start(): void;
  stop(withinMs: number): Promise<void>;
}

export const createDeliveryPumps = (ports: PumpPorts): DeliveryPumps => {
  const pumps = new Map<string, DeliveryPump>();
  const ending = new Set<Promise<void>>();
  let isStarted = false;

  const end = (pump: DeliveryPump, withinMs: number): void => {
    const ended = pump.stop(withinMs);
    ending.add(ended);
    void ended.then(() => ending.delete(ended));
  };

  return {
    follow(receivers) {
      const names = new Set(receivers.map(({ name }) => name));
      for (const [name, pump] of pumps) {
        if (names.has(name)) continue;
        pumps.delete(name);
        end(pump, 0);
      }
      for (const receiver of receivers) {
        const known = pumps.get(receiver.name);
        if (known === undefined) {
          const pump = createDeliveryPump(receiver, ports);
          pumps.set(receiver.name, pump);
          if (isStarted) pump.start();
        } else known.follow(receiver);
      }
    },
    wake(receivers) {
      for (const [name, pump] of pumps) if (receivers === undefined || receivers.includes(name)) pump.wake();
    },
    start() {
      isStarted = true;
      for (const pump of pumps.values()) pump.start();
    },
    async stop(withinMs) {
      isStarted = false;
      for (const pump of pumps.values()) end(pump, withinMs);
      pumps.clear();
      await Promise.all(ending);
    },
  };
};
