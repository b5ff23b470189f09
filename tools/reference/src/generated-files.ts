import { renderCliPage } from "./cli-page.ts";
import { renderErrorsPage } from "./errors-page.ts";
import { renderOpenApi } from "./openapi-file.ts";
import { renderReportSchema } from "./report-schema.ts";
import { renderRuntimeFiles } from "./runtime-files.ts";
import { renderErrorStatus, renderRouteTable } from "./route-table.ts";

/** Every file that is made from others, with how to make it. */
export const GENERATED_FILES: Readonly<Record<string, () => string | Promise<string>>> = {
  "docs/reference/cli.md": renderCliPage,
  "docs/reference/errors.md": renderErrorsPage,
  "docs/reference/openapi.json": renderOpenApi,
  "docs/reference/report.schema.json": renderReportSchema,
  "packages/deploy/src/runtime/runtime-files.gen.ts": renderRuntimeFiles,
  "packages/sdk/src/routes.gen.ts": renderRouteTable,
  "packages/sdk/src/error-status.gen.ts": renderErrorStatus,
};
