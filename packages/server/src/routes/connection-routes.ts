import { ROUTES } from "@airfleet/contract";
import type { Actor, Control, KeptConnection } from "@airfleet/control";
import { isAirfleetError } from "@airfleet/model";
import { readIfMatch, toETag } from "../http/version-tag.ts";
import { toConnectionCheckView, toConnectionView } from "../views/connection-view.ts";
import { bind } from "./bind.ts";
import { findInstance } from "./open-request.ts";
import { requireCover } from "./scope.ts";

const WRITE = "connection:write";

/** A connection serves every pipeline, wherever it runs. */
const requireAll = (control: Control, actor: Actor): Promise<void> => requireCover(control, actor, ["*"], WRITE);

const findConnection = async (control: Control, id: string): Promise<KeptConnection | undefined> => {
  try {
    return await control.connections.get(id);
  } catch (error) {
    if (isAirfleetError(error, "DOCUMENT_UNKNOWN")) return undefined;
    throw error;
  }
};

/** How steps sign in elsewhere. */
export const connectionRoutes = {
  listConnections: bind(ROUTES.listConnections, async ({ control }) => ({
    items: (await control.connections.list()).map(toConnectionView),
    next_cursor: null,
  })),

  createConnection: bind(ROUTES.createConnection, async ({ actor, body, control, setHeader }) => {
    await requireAll(control, actor);
    const { id, ...input } = body;
    const kept = await control.connections.create(actor, id, input);
    setHeader("location", `/api/v1/connections/${id}`);
    setHeader("etag", toETag(kept.version));
    return toConnectionView(kept);
  }),

  getConnection: bind(ROUTES.getConnection, async ({ control, params, setHeader }) => {
    const kept = await control.connections.get(params.connection);
    setHeader("etag", toETag(kept.version));
    return toConnectionView(kept);
  }),

  putConnection: bind(ROUTES.putConnection, async ({ actor, body, control, header, params, setHeader, setStatus }) => {
    await requireAll(control, actor);
    const { connection: id } = params;
    const tag = header("if-match");
    const isNew = tag === undefined && (await findConnection(control, id)) === undefined;
    const update = async (): Promise<KeptConnection> => {
      const { version } = await control.connections.get(id);
      return control.connections.update(actor, id, body, readIfMatch(tag, `connection "${id}"`, version));
    };
    const kept = isNew ? await control.connections.create(actor, id, body) : await update();
    setHeader("etag", toETag(kept.version));
    if (isNew) {
      setStatus(201);
      setHeader("location", `/api/v1/connections/${id}`);
    }
    return toConnectionView(kept);
  }),

  deleteConnection: bind(ROUTES.deleteConnection, async ({ actor, control, header, params }) => {
    await requireAll(control, actor);
    const { version } = await control.connections.get(params.connection);
    const named = readIfMatch(header("if-match"), `connection "${params.connection}"`, version);
    await control.connections.remove(actor, params.connection, named);
    return undefined;
  }),

  checkConnection: bind(ROUTES.checkConnection, async ({ actor, body, control, params }) => {
    for (const id of body.instances) await findInstance(control, actor, id, "connection:read");
    return toConnectionCheckView(await control.connections.check(params.connection, body.instances));
  }),
};
