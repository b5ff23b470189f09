import { resolve } from "node:path";
import { buildOpenApi } from "@airfleet/contract";
import {
  type ConfigurationSource,
  type Control,
  createConnectionFinder,
  createControl,
  explainConfiguration,
  loadModuleFolders,
  resolveSecrets,
  resolveSetting,
  toTriggerSettings,
} from "@airfleet/control";
import { ERROR_CATALOGUE } from "@airfleet/model";
import { openStore, type Store } from "@airfleet/store";
import type { Logger } from "pino";
import { issueBootstrapToken } from "../access/bootstrap-token.ts";
import { createLogger } from "../logging/create-logger.ts";
import { createMetrics } from "../metrics/metrics.ts";
import { findPages } from "../pages/serve-pages.ts";
import { DRAIN_MS, type RunningServer, startServer } from "../start-server.ts";
import { openConfiguredFleet } from "./configured-fleet.ts";
import { createEngineFactory } from "./create-engine.ts";
import { createLocalEngine } from "./create-local-engine.ts";
import { withLocalInstance } from "./local-instance.ts";
import { toOutgoingSettings } from "./outgoing-settings.ts";
import { VERSION } from "./version.ts";

export interface AirfleetOptions {
  /** Working directory, environment and flags that configure everything. */
  readonly source: ConfigurationSource;
  /** Whether this machine is an instance where `embedded.enabled` says nothing of it. Default: no. */
  readonly embedded?: boolean;
  /** Default: JSON lines on stdout, at `server.log_level`. */
  readonly logger?: Logger;
  /** Told the one-time admin token on the first start in token mode. It must not reach a log. */
  readonly onBootstrapToken?: (plainToken: string) => void;
}

/** The whole product, running. */
export interface Airfleet extends AsyncDisposable {
  readonly url: string;
  readonly control: Control;
  readonly logger: Logger;
  /** Reads the configuration files again. */
  reload(): void;
  /** Stops gracefully: `/readyz` 503, nothing new claimed, what is in flight ends within 25 s, then everything closes. */
  close(): Promise<void>;
}

const openConfiguredStore = (
  {
    url,
    data_dir: dataDir,
  }: { readonly url?: Parameters<typeof resolveSetting>[1] | undefined; readonly data_dir: string },
  env: ConfigurationSource["env"],
  logger: Logger,
): Promise<Store> =>
  openStore({ ...(url === undefined ? { dataDir } : { url: resolveSetting("store.url", url, env) }), logger });

const MEGABYTE = 1_000_000;

const stop = async (running: RunningServer | undefined, control: Control): Promise<void> => {
  await Promise.all([running?.close(), control.close({ drainMs: DRAIN_MS })]);
};

/**
 * Puts the product together and starts it: configuration, store, use cases, reconcilers, HTTP. What was opened is closed
 * again when a later step fails.
 *
 * @throws {AirfleetError} what the configuration, the store and the server throw
 */
export const startAirfleet = async ({ source, ...options }: AirfleetOptions): Promise<Airfleet> => {
  await using opened = new AsyncDisposableStack();
  const fleet = opened.adopt(openConfiguredFleet(source), (each) => each.close());
  const { settings, warnings } = fleet.loaded;
  const logger = options.logger ?? createLogger(settings.server.log_level);
  for (const warning of warnings) logger.warn({}, warning);

  const metrics = createMetrics(VERSION);
  const store = opened.use(await openConfiguredStore(settings.store, source.env, logger));
  const storedIds = async (): Promise<readonly string[]> =>
    (await store.instances.list()).map(({ config }) => config.id);
  const findConnection = createConnectionFinder({ documents: store.documents, environment: source.env });
  const isEmbedded = settings.embedded.enabled ?? options.embedded ?? false;
  const control = await createControl({
    store,
    createEngine: createEngineFactory(
      logger,
      metrics,
      createLocalEngine({ settings, cwd: source.cwd, findConnection, logger }),
    ),
    loadInstances: isEmbedded ? withLocalInstance({ load: fleet.loadInstances, storedIds }) : fleet.loadInstances,
    resolveSecrets: (config) => resolveSecrets(config, source.env),
    loadModules: () => loadModuleFolders(fleet.loaded.settings.modules.paths.map((path) => resolve(source.cwd, path))),
    environment: source.env,
    dataDir: settings.store.data_dir,
    settings: {
      poll: settings.poll.enabled,
      sweepSeconds: settings.poll.sweep_seconds,
      historyDays: settings.poll.history_days,
      historyRuns: settings.poll.history_runs,
      ...toTriggerSettings(settings.triggers),
      ...toOutgoingSettings(settings, source.env),
      logs: {
        archive: settings.logs.archive,
        maxTryBytes: settings.logs.max_try_mb * MEGABYTE,
        maxTotalBytes: settings.logs.max_total_mb * MEGABYTE,
      },
    },
    logger,
    metrics,
  });
  let running: RunningServer | undefined;
  opened.defer(() => stop(running, control));
  metrics.watch(control);
  const { host, port, hosts, auth } = settings.server;
  running = await startServer({
    control,
    logger,
    metrics,
    version: VERSION,
    kept: store.idempotency,
    pages: findPages(),
    openApi: buildOpenApi({ version: VERSION, errorCatalogue: ERROR_CATALOGUE }),
    authMode: auth.mode,
    host,
    port,
    hosts,
    experimentalInstance: settings.experimental.default_instance,
    settings: () => explainConfiguration(fleet.loaded),
  });
  if (auth.mode === "token") {
    const token = await issueBootstrapToken(control.access);
    if (token !== undefined) options.onBootstrapToken?.(token);
  }
  fleet.follow(control.instances, logger);
  control.startReconcilers();
  logger.info({ url: running.url, auth: auth.mode, store: store.backend }, "airfleet is ready");

  const { url } = running;
  const owned = opened.move();
  return {
    url,
    control,
    logger,
    reload: () => fleet.reload(),
    close: () => owned.disposeAsync(),
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
};
