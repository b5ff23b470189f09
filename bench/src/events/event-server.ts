import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { createControl } from "@airfleet/control";
import { resolveInstanceConfig } from "@airfleet/model";
import { createLogger, createMetrics, startServer } from "@airfleet/server";
import { openStore } from "@airfleet/store";

/**
 * The server with its store and sequencer, in which events happen on command: one at a time, evenly spread.
 * Prints its address; each line `EVENTS PER_SECOND` on stdin makes so many, and `done` is printed after the last.
 */
const dataDir = mkdtempSync(path.join(tmpdir(), "airfleet-bench-events-"));
const store = await openStore({ dataDir });
const control = await createControl({
  store,
  createEngine: () => {
    throw new Error("there is no instance");
  },
  loadInstances: async () => [],
  resolveSecrets: (config) => resolveInstanceConfig(config, () => ""),
  settings: { poll: false },
});
control.startReconcilers();
const server = await startServer({
  control,
  logger: createLogger("warn"),
  metrics: createMetrics("0"),
  version: "0",
  authMode: "local",
  host: "127.0.0.1",
  port: 0,
  kept: store.idempotency,
  openApi: {},
});
process.stdout.write(`${JSON.stringify({ url: server.url })}\n`);

const NOBODY = { id: "bench", role: "viewer", instances: [], sourceIp: null, requestId: null } as const;

const happen = async (events: number, perSecond: number): Promise<void> => {
  // Whatever is recorded wakes the sequencer; from then on it stays awake as long as events come.
  await control.audit.denied(NOBODY, "run:read", "bench");
  const began = performance.now();
  for (let number = 1; number <= events; number += 1) {
    const wait = began + (number * 1_000) / perSecond - performance.now();
    if (wait > 0) await new Promise((resolve) => setTimeout(resolve, wait));
    const payload = { id: "run_x", state: "running", before: "queued", number, sent: Date.now() };
    await store.events.append({ kind: "run.changed", payload });
  }
  process.stdout.write("done\n");
};

process.stdin.on("data", (data: Buffer) => {
  const [events = 0, perSecond = 1] = data.toString().trim().split(" ").map(Number);
  void happen(events, perSecond);
});
process.on("SIGTERM", () => {
  void Promise.all([server.close(), control.close({ drainMs: 0 })])
    .then(() => store.close())
    .then(() => {
      rmSync(dataDir, { recursive: true, force: true });
      process.exit(0);
    });
});
