import { describeModule, type ModuleDefinition, type ModuleDescription } from "@airfleet/compiler";
import { AirfleetError, type NodeType } from "@airfleet/model";
import type { Store } from "@airfleet/store";
import type { Actor } from "../actor.ts";
import type { ModuleLibrary, RefusedModule } from "./module-library.ts";

/** A module with what this server knows of it. */
export interface KnownModule extends ModuleDescription {
  /** Brought along by a folder of `modules.paths`. */
  readonly isOwn: boolean;
  /** Pipelines that use it. */
  readonly usageCount: number;
}

/** Modules that meet every condition given. */
export interface ModuleFilter {
  readonly type?: NodeType | undefined;
  readonly category?: string | undefined;
  /** Part of the name, the shown name, the description or a tag, ignoring case. */
  readonly search?: string | undefined;
}

/** What nodes can be. */
export interface ModuleUseCases {
  list(filter?: ModuleFilter): Promise<readonly KnownModule[]>;
  /** By name, as pipelines of older servers write it too. @throws MODULE_UNKNOWN naming the one that was probably meant */
  get(name: string, type?: NodeType): Promise<KnownModule>;
  /** Folders that were meant to be modules. */
  refused(): readonly RefusedModule[];
  /** Reads the folders again. */
  reload(actor: Actor): Promise<void>;
}

const isFound = (module: ModuleDefinition, { type, category, search }: ModuleFilter): boolean => {
  if (type !== undefined && module.type !== type) return false;
  if (category !== undefined && module.category !== category) return false;
  if (search === undefined) return true;
  const text = [module.name, module.displayName, module.description, ...module.tags].join("\n");
  return text.toLowerCase().includes(search.toLowerCase());
};

interface Ports {
  readonly library: ModuleLibrary;
  readonly store: Pick<Store, "pipelines" | "audit">;
  readonly onWritten: () => void;
}

export const createModuleUseCases = ({ library, store, onWritten }: Ports): ModuleUseCases => {
  const show = (module: ModuleDefinition, usage: ReadonlyMap<string, number>): KnownModule => ({
    ...describeModule(module),
    isOwn: library.own().has(module.name),
    usageCount: usage.get(module.name) ?? 0,
  });

  return {
    async list(filter = {}) {
      const found = library.catalogue().modules.filter((module) => isFound(module, filter));
      const usage = await store.pipelines.usage("module");
      return found.map((module) => show(module, usage));
    },

    async get(name, type) {
      const catalogue = library.catalogue();
      const types: readonly NodeType[] =
        type === undefined ? ["extractor", "transformer", "loader", "control"] : [type];
      const module = types.map((one) => catalogue.find(name, one)).find((one) => one !== undefined);
      if (module === undefined || (type !== undefined && module.type !== type)) {
        throw new AirfleetError("MODULE_UNKNOWN", { module: name, meant: catalogue.suggest(name) });
      }
      return show(module, await store.pipelines.usage("module"));
    },

    refused: () => library.refused(),

    async reload({ id, sourceIp, requestId }) {
      await library.reload();
      const details = { own: [...library.own()], refused: library.refused().map(({ file }) => file) };
      await store.audit.append({ actor: id, verb: "module:reload", outcome: "done", details, sourceIp, requestId });
      onWritten();
    },
  };
};
