import { readFileSync } from "node:fs";
import { buildOpenApi } from "@airfleet/contract";
import { ERROR_CATALOGUE } from "@airfleet/model";

const readVersion = (): string => {
  const manifest = new URL("../../../packages/contract/package.json", import.meta.url);
  return (JSON.parse(readFileSync(manifest, "utf8")) as { version: string }).version;
};

/** `docs/reference/openapi.json`: what the server answers at `/openapi.json`. */
export const renderOpenApi = (): string =>
  `${JSON.stringify(buildOpenApi({ version: readVersion(), errorCatalogue: ERROR_CATALOGUE }), null, 1)}\n`;
