export { type ServeOptions, serve } from "./composition/serve.ts";
export { type Airfleet, type AirfleetOptions, startAirfleet } from "./composition/start-airfleet.ts";
export { VERSION } from "./composition/version.ts";
export { createLogger, type LogLevel } from "./logging/create-logger.ts";
export { createMetrics, type ServerMetrics } from "./metrics/metrics.ts";
export { type RunningServer, type ServerOptions, startServer } from "./start-server.ts";
