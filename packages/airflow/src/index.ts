export type { Clock } from "./clock.ts";
export { type AirflowEngineOptions, createAirflowEngine } from "./create-airflow-engine.ts";
export type { ExchangeRecord } from "./http/instance-http.ts";
export type { AirflowLogger } from "./logger.ts";
