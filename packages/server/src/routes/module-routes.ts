import { ROUTES } from "@airfleet/contract";
import { NODE_TYPES, type NodeType } from "@airfleet/model";
import { toModuleView } from "../views/module-view.ts";
import { bind } from "./bind.ts";

const isNodeType = (text: string): text is NodeType => (NODE_TYPES as readonly string[]).includes(text);

/** What nodes can be. */
export const moduleRoutes = {
  listModules: bind(ROUTES.listModules, async ({ control, query }) => {
    const { type, category, search, is_active: isActive } = query;
    const found = isActive === false ? [] : await control.modules.list({ type, category, search });
    const items = found.map(toModuleView);
    const refused = control.modules.refused().map(({ file, reason }) => ({ file, reason }));
    return { items, next_cursor: null, modules: items, total: items.length, refused };
  }),

  reloadModules: bind(ROUTES.reloadModules, async ({ actor, control }) => {
    await control.modules.reload(actor);
    const modules = await control.modules.list();
    return {
      modules: modules.length,
      own: modules.filter(({ isOwn }) => isOwn).map(({ name }) => name),
      refused: control.modules.refused().map(({ file, reason }) => ({ file, reason })),
    };
  }),

  getModule: bind(ROUTES.getModule, async ({ control, params }) =>
    toModuleView(await control.modules.get(params.module)),
  ),

  getModuleSchema: bind(ROUTES.getModuleSchema, async ({ control, params }) => {
    // An unknown type knows no modules.
    const type = isNodeType(params.type) ? params.type : undefined;
    const module = await control.modules.get(type === undefined ? `${params.type}/${params.name}` : params.name, type);
    return { schema: { ...module.configSchema }, defaults: { ...module.defaults } };
  }),
};
