import type { InstanceId } from "@airfleet/model";
import type { Loop } from "../reconcilers/loop.ts";
import { createInstancePoller, type PollerPorts } from "./instance-poller.ts";

/** One poller per instance of the registry. */
export interface PollReconciler {
  /** Starts pollers for new instances, ends those of gone ones, and begins anew where the configuration changed. */
  follow(): void;
  stop(): Promise<void>;
}

export const createPollReconciler = (ports: PollerPorts): PollReconciler => {
  const pollers = new Map<InstanceId, { readonly poller: Loop; readonly definition: string }>();
  const ending = new Set<Promise<void>>();

  const end = (poller: Loop): void => {
    const ended = poller.stop();
    ending.add(ended);
    void ended.finally(() => ending.delete(ended));
  };

  return {
    follow() {
      const enabled = ports.registry.list().filter(({ config }) => config.enabled);
      const wanted = new Map(enabled.map(({ config }) => [config.id, JSON.stringify(config)]));
      for (const [id, { poller, definition }] of pollers) {
        if (wanted.get(id) === definition) continue;
        pollers.delete(id);
        end(poller);
      }
      for (const [id, definition] of wanted) {
        if (pollers.has(id)) continue;
        const poller = createInstancePoller(id, ports);
        pollers.set(id, { poller, definition });
        poller.start();
      }
    },
    async stop() {
      for (const { poller } of pollers.values()) end(poller);
      pollers.clear();
      await Promise.all(ending);
    },
  };
};
