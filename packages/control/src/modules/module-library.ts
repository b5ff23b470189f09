import { createModuleCatalogue, type ModuleCatalogue, type ModuleDefinition } from "@airfleet/compiler";
import type { Logger } from "../logger.ts";

/** A folder that was meant to be a module, and why it is none. */
export interface RefusedModule {
  readonly file: string;
  readonly reason: string;
}

/** What the folders of `modules.paths` hold. */
export interface LoadedModules {
  readonly modules: readonly ModuleDefinition[];
  readonly refused: readonly RefusedModule[];
}

/** Reads the modules that a team brings along; never throws for a bad one. */
export type LoadModules = () => Promise<LoadedModules>;

/** The modules that pipelines may use: those of the product, and the team's own. */
export interface ModuleLibrary {
  catalogue(): ModuleCatalogue;
  /** Names of the team's own. */
  own(): ReadonlySet<string>;
  refused(): readonly RefusedModule[];
  /** Rises whenever the modules change: what was compiled before may compile to something else. */
  edition(): number;
  reload(): Promise<void>;
}

export const createModuleLibrary = (load: LoadModules | undefined, logger: Logger): ModuleLibrary => {
  let catalogue = createModuleCatalogue();
  let own: ReadonlySet<string> = new Set();
  let refused: readonly RefusedModule[] = [];
  let edition = 0;
  return {
    catalogue: () => catalogue,
    own: () => own,
    refused: () => refused,
    edition: () => edition,
    async reload() {
      if (load === undefined) return;
      const loaded = await load();
      catalogue = createModuleCatalogue(loaded.modules);
      own = new Set(loaded.modules.map(({ name }) => name));
      refused = loaded.refused;
      edition += 1;
      for (const { file, reason } of refused) logger.warn({ file, reason }, "a module was refused");
    },
  };
};
