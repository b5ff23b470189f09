export { createDagsterEngine, type DagsterEngineOptions } from "./create-dagster-engine.ts";
