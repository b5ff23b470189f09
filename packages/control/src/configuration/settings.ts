import { InstanceConfig, SecretReference } from "@airfleet/model";
import { z } from "zod";
import { Alerts, Network } from "./outgoing-settings.ts";
import { Experimental } from "./experimental-settings.ts";
import { ARCHIVE_MODES } from "../logs/archive-mode.ts";
import { Modules } from "./module-settings.ts";
import { Triggers } from "./trigger-settings.ts";

/** Least severe message that is logged. */
export const SERVER_LOG_LEVELS = ["trace", "debug", "info", "warn", "error", "fatal"] as const;

const Server = z.strictObject({
  host: z
    .string()
    .min(1)
    .default("127.0.0.1")
    .describe("Address to listen on. Other than loopback needs auth.mode token."),
  port: z.number().int().min(0).max(65_535).default(3_000).describe("TCP port; 0 takes a free one."),
  hosts: z
    .array(z.string().min(1))
    .default([])
    .describe("Host names besides localhost that requests may be addressed to: the guard against DNS rebinding."),
  auth: z
    .strictObject({
      mode: z
        .enum(["local", "token"])
        .default("local")
        .describe("local: everybody on this machine is admin, loopback only. token: every request carries a token."),
    })
    .prefault({}),
  log_level: z.enum(SERVER_LOG_LEVELS).default("info").describe("Least severe message that is logged."),
});

const Store = z.strictObject({
  url: SecretReference.optional().describe("PostgreSQL connection URL. Absent: SQLite in data_dir."),
  data_dir: z.string().min(1).default(".airfleet").describe("Directory of the SQLite store and its key."),
});

const Poll = z.strictObject({
  enabled: z.boolean().default(true).describe("false: this process answers requests and leaves reading to others."),
  sweep_seconds: z
    .number()
    .int()
    .min(1)
    .max(86_400)
    .optional()
    .describe("Least seconds between two sweeps over an instance's DAG list, where its own limits say nothing."),
  history_days: z
    .number()
    .int()
    .min(0)
    .max(3_650)
    .default(7)
    .describe("Days back that the runs of an instance are read which is new to us; 0 reads none."),
  history_runs: z
    .number()
    .int()
    .min(0)
    .max(1_000_000)
    .default(10_000)
    .describe("Runs that are read of such an instance's past at most; 0 reads none."),
});

const Logs = z.strictObject({
  archive: z
    .enum(ARCHIVE_MODES)
    .default("failed")
    .describe(
      "Whose logs are kept after the run: none; failed (also stopped and partial runs); subjects (also runs about an object); all.",
    ),
  max_try_mb: z
    .number()
    .int()
    .min(1)
    .max(1_000)
    .default(10)
    .describe("Megabytes kept of one try's log, before compression; of a longer one its beginning and its end."),
  max_total_mb: z
    .number()
    .int()
    .min(1)
    .max(10_000_000)
    .default(2_000)
    .describe("Megabytes that all kept logs may take in the store; the oldest go first."),
});

const Embedded = z.strictObject({
  enabled: z
    .boolean()
    .optional()
    .describe("The embedded engine, as instance `local`. Absent: on for `airfleet serve`."),
  python: z
    .string()
    .min(1)
    .default("python3")
    .describe("Interpreter of steps in Python, with the package airfleet[runtime]."),
  concurrency: z.number().int().min(1).max(256).default(4).describe("Steps carried out at a time, over all runs."),
  pools: z
    .record(z.string().min(1).max(200), z.number().int().min(1).max(10_000))
    .default({})
    .describe("Slots by pool: steps that name it are carried out that many at a time."),
  memory: z
    .string()
    .regex(/^\d+(\.\d+)?\s?[KMGT]i?B$/i, "write for example 1GB")
    .default("1GB")
    .describe("What one step may hold, in DuckDB's words."),
  threads: z.number().int().min(1).max(256).default(2).describe("Threads of one step."),
  missed_runs: z
    .enum(["skip", "latest"])
    .default("latest")
    .describe("Ticks that passed while nobody ran the work, of schedules without catchup: none or the last is run."),
  keep_hours: z.number().min(0).max(87_600).default(24).describe("Hours that rows between steps outlive a success."),
  keep_failed_hours: z.number().min(0).max(87_600).default(72).describe("The same for a run that failed."),
  keep_gb: z.number().min(0).max(1_000_000).default(20).describe("Gigabytes that rows of ended runs may take."),
});

const Data = z.strictObject({
  roots: z
    .array(z.string().min(1))
    .default([])
    .describe("Folders below which steps may read and write files; none when empty."),
});

/** What of `airfleet.yaml` is about this process; flags and the environment may override it. */
export const Settings = z.strictObject({
  server: Server.prefault({}),
  store: Store.prefault({}),
  poll: Poll.prefault({}),
  triggers: Triggers.prefault({}),
  network: Network.prefault({}),
  alerts: Alerts.prefault({}),
  logs: Logs.prefault({}),
  experimental: Experimental.prefault({}),
  modules: Modules.prefault({}),
  embedded: Embedded.prefault({}),
  data: Data.prefault({}),
});
export type Settings = z.infer<typeof Settings>;

/** The whole of `airfleet.yaml`. */
export const ConfigurationFile = Settings.extend({
  instances: z.array(InstanceConfig).default([]).describe("The deployments to drive."),
});
export type ConfigurationFile = z.infer<typeof ConfigurationFile>;

/** The JSON Schema of `airfleet.yaml`, for editors: draft 7, which their YAML plug-ins understand best. */
export const configurationJsonSchema = (): Readonly<Record<string, unknown>> => ({
  ...z.toJSONSchema(ConfigurationFile, { io: "input", target: "draft-7" }),
  title: "Configuration of Airfleet (airfleet.yaml)",
});
