import { createAirflowEngine } from "@airfleet/airflow";
import { createDagsterEngine } from "@airfleet/dagster";
import type { ControlOptions } from "@airfleet/control";
import type { Engine } from "@airfleet/engine";
import type { ResolvedInstanceConfig } from "@airfleet/model";
import type { Logger } from "pino";
import type { ServerMetrics } from "../metrics/metrics.ts";

type CreateEngine = ControlOptions["createEngine"];

/** The Airflow client's own choice where the configuration makes none: an Airflow 2 pays ~80 ms of CPU per basic-auth call. */
const usualConcurrency = ({ auth }: ResolvedInstanceConfig): number => (auth.type === "basic" ? 4 : 8);

/** Several server processes share what an instance is asked at a time. */
const withShare = (config: ResolvedInstanceConfig, processes: number): ResolvedInstanceConfig => {
  if (processes <= 1) return config;
  const whole = config.limits.concurrency ?? usualConcurrency(config);
  return { ...config, limits: { ...config.limits, concurrency: Math.max(1, Math.floor(whole / processes)) } };
};

/** Makes the engine of an instance; the one place that knows which kinds there are. */
export const createEngineFactory =
  (logger: Logger, metrics: ServerMetrics, createLocal: (config: ResolvedInstanceConfig) => Engine): CreateEngine =>
  (config, { processes }) => {
    switch (config.engine) {
      case "airflow":
        return createAirflowEngine({
          config: withShare(config, processes),
          logger,
          onExchange: (exchange) => metrics.exchanged(config.id, exchange),
        });
      case "dagster":
        return createDagsterEngine({
          config: withShare(config, processes),
          onExchange: (exchange) => metrics.exchanged(config.id, exchange),
        });
      case "embedded":
        return createLocal(config);
      default:
        return config.engine satisfies never;
    }
  };
