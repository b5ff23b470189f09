import { existsSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import type { Settings } from "@airfleet/control";
import { createEmbeddedEngine, createStepRunner, type FindConnection } from "@airfleet/embedded";
import type { Engine } from "@airfleet/engine";
import type { NodeRetry, ResolvedInstanceConfig } from "@airfleet/model";
import type { Logger } from "pino";
import { LOCAL_IDS } from "./local-instance.ts";
import { VERSION } from "./version.ts";

export interface LocalEngineOptions {
  readonly settings: Pick<Settings, "embedded" | "data" | "network" | "store">;
  /** Directory that relative paths of the settings are meant from. */
  readonly cwd: string;
  readonly findConnection: FindConnection;
  readonly logger: Logger;
  /** For steps that say nothing of it. Default: once more after five minutes, as on Airflow. */
  readonly retry?: NodeRetry;
}

const GIGABYTE = 1_000_000_000;
const LOG_CHARACTERS = 10_000_000;

/** The runtime's sources beside ours, for an interpreter that has it not installed. */
const PYTHON_SOURCES = fileURLToPath(new URL("../../../../python/src", import.meta.url));

const isLocal = (id: string): boolean => (LOCAL_IDS as readonly string[]).includes(id);

/** Makes the engine of an instance on this machine, below the data directory. */
export const createLocalEngine =
  ({ settings, cwd, findConnection, logger, retry }: LocalEngineOptions) =>
  ({ id }: Pick<ResolvedInstanceConfig, "id">): Engine => {
    const { embedded, data, network, store } = settings;
    const roots = data.roots.map((root) => path.resolve(cwd, root));
    const python = {
      interpreter: embedded.python,
      ...(existsSync(PYTHON_SOURCES) ? { sources: PYTHON_SOURCES } : {}),
    };
    return createEmbeddedEngine({
      instance: id,
      directory: path.resolve(cwd, store.data_dir, ...(isLocal(id) ? ["local"] : ["engines", id])),
      version: VERSION,
      openRunner: (environment) =>
        createStepRunner({
          limits: {
            roots,
            networkAllow: network.allow,
            memory: embedded.memory,
            threads: embedded.threads,
            concurrency: embedded.concurrency,
            logBytes: LOG_CHARACTERS,
          },
          findConnection,
          python,
          environment,
        }),
      limits: {
        concurrency: embedded.concurrency,
        pools: embedded.pools,
        logBytes: LOG_CHARACTERS,
        keepHours: embedded.keep_hours,
        keepFailedHours: embedded.keep_failed_hours,
        keepBytes: embedded.keep_gb * GIGABYTE,
        missedRuns: embedded.missed_runs,
        ...(retry === undefined ? {} : { retry }),
      },
      logger,
    });
  };
