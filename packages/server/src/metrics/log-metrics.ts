import type { Metrics } from "@airfleet/control";
import { Counter, Gauge, type Registry } from "prom-client";

/** What the archive of logs counts. */
export const createLogMetrics = (
  registers: Registry[],
): Pick<Metrics, "logArchived" | "logsEvicted" | "logArchiveSize"> => {
  const archived = new Counter({
    name: "log_archive_total",
    help: "Logs of tries: kept, not to be had (absent), put off since the instance could not be asked, given up",
    labelNames: ["outcome"],
    registers,
  });
  const evicted = new Counter({
    name: "log_archive_evicted_total",
    help: "Archived logs that were dropped to make room",
    registers,
  });
  const bytes = new Gauge({ name: "log_archive_bytes", help: "What all archived logs take in the store", registers });
  return {
    logArchived: (outcome) => archived.inc({ outcome }),
    logsEvicted: (count) => evicted.inc(count),
    logArchiveSize: (size) => bytes.set(size),
  };
};
