import * as dagRoutes from "./routes/dag-routes.ts";
import * as houseRoutes from "./routes/house-routes.ts";
import * as instanceRoutes from "./routes/instance-routes.ts";
import * as runRoutes from "./routes/run-routes.ts";

/** Every route of our API by id. */
export const ROUTES = { ...instanceRoutes, ...dagRoutes, ...runRoutes, ...houseRoutes };
export type RouteId = keyof typeof ROUTES;
