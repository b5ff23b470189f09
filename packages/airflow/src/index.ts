export type { Clock, ExchangeRecord } from "@airfleet/http";
export { type AirflowEngineOptions, createAirflowEngine } from "./create-airflow-engine.ts";
export type { AirflowLogger } from "./logger.ts";
