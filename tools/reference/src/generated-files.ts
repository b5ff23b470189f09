import { renderErrorStatus, renderRouteTable } from "./route-table.ts";

/** Every file that is made from others, with how to make it. */
export const GENERATED_FILES: Readonly<Record<string, () => string | Promise<string>>> = {
  "packages/sdk/src/routes.gen.ts": renderRouteTable,
  "packages/sdk/src/error-status.gen.ts": renderErrorStatus,
};
