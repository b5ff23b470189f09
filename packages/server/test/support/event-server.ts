import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { type Control, createControl } from "@airfleet/control";
import { InstanceConfig, resolveInstanceConfig } from "@airfleet/model";
import { openStore, type Store } from "@airfleet/store";
import type { ServerOptions } from "../../src/start-server.ts";
import { serveForTest, type TestServer } from "./serve.ts";

/** A server over a store of its own, with instances that nobody polls. */
export interface EventServer extends AsyncDisposable {
  readonly server: TestServer;
  readonly control: Control;
  readonly store: Store;
}

export const startEventServer = async (overrides: Partial<ServerOptions> = {}): Promise<EventServer> => {
  const dataDir = mkdtempSync(path.join(tmpdir(), "airfleet-events-"));
  const store = await openStore({ dataDir });
  const control = await createControl({
    store,
    createEngine: () => {
      throw new Error("nobody calls an instance here");
    },
    loadInstances: async () =>
      ["eu", "us"].map((id) => ({
        config: InstanceConfig.parse({ id, url: `http://${id}.example.org:8080` }),
        source: "airfleet.yaml",
        place: `airfleet.yaml:1:1`,
      })),
    resolveSecrets: (config) => resolveInstanceConfig(config, () => "secret"),
    settings: { poll: false },
  });
  control.startReconcilers();
  const server = await serveForTest(control, overrides);
  return {
    server,
    control,
    store,
    [Symbol.asyncDispose]: async () => {
      await Promise.all([server.running.close(), control.close({ drainMs: 1_000 })]);
      await store.close();
      rmSync(dataDir, { recursive: true, force: true });
    },
  };
};
