import type { InstanceId } from "@airfleet/model";
import type { Store } from "@airfleet/store";

/** How far a slow piece of work on an instance has come, kept beside its feeds so that a restart goes on there. */
export interface KeptProgress {
  /** Undefined when it was never begun. */
  load(): Promise<string | undefined>;
  save(progress: string, attempt: { readonly attemptedAt: number; readonly durationMs: number }): Promise<void>;
}

export const createKeptProgress = (
  store: Pick<Store, "readings">,
  instance: InstanceId,
  feed: string,
): KeptProgress => ({
  async load() {
    return (await store.readings.find(instance, feed))?.watermark ?? undefined;
  },
  save: (watermark, attempt) => store.readings.succeeded({ instance, feed, watermark, ...attempt }),
});
