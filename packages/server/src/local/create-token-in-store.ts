import type { RouteOutput, ROUTES } from "@airfleet/contract";
import type { Actor, ConfigurationSource, TokenRequest } from "@airfleet/control";
import { toIssuedTokenView } from "../views/house-view.ts";
import { withLocalControl } from "./open-local-control.ts";

/** Whoever may open the store is admin anyway. */
const LOCAL: Actor = { id: "local", role: "admin", instances: ["*"], sourceIp: null, requestId: null };

/**
 * Makes a token in the store itself, so that there can be a first one. It is audited like any other.
 *
 * @throws {AirfleetError} DATA_DIR_LOCKED while a server uses a SQLite store: ask the server then
 */
export const createTokenInStore = (
  request: TokenRequest,
  source: ConfigurationSource,
): Promise<RouteOutput<(typeof ROUTES)["createToken"]>> =>
  withLocalControl(source, async (control) => toIssuedTokenView(await control.access.createToken(LOCAL, request)));
