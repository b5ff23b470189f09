import type { InstanceId } from "@airfleet/model";
import type { Store } from "@airfleet/store";
import { type ConnectionUseCases, createConnectionUseCases } from "../connections/connection-use-cases.ts";
import { createConnectionFinder, type Variables } from "../connections/find-connection.ts";
import { createInstanceConnections } from "../connections/instance-connections.ts";
import { type ConnectionTarget, createConnectionKnowledge } from "../connections/known-connections.ts";
import { createReach } from "../connections/reach.ts";
import type { LiveUseCases } from "../control.ts";
import type { Logger } from "../logger.ts";
import { createModuleLibrary, type LoadModules } from "../modules/module-library.ts";
import { createModuleUseCases, type ModuleUseCases } from "../modules/module-use-cases.ts";
import { createAddressGuard } from "../outbound/address-guard.ts";
import type { AirflowRuntime } from "./compile-artifact.ts";
import type { PipelineUseCases } from "./pipeline.ts";
import { createPipelineCompiler } from "./pipeline-compiler.ts";
import { createPipelineUseCases } from "./pipeline-use-cases.ts";
import { createPipelineValidator } from "./pipeline-validation.ts";

/** Pipelines, and what they are made of. */
export interface PipelineSide {
  readonly pipelines: PipelineUseCases;
  readonly modules: ModuleUseCases;
  readonly connections: ConnectionUseCases;
}

interface Ports {
  readonly store: Pick<Store, "pipelines" | "documents" | "audit">;
  readonly live: Pick<LiveUseCases, "config">;
  /** What an instance is; undefined for one that is not there. */
  readonly findTarget: (id: InstanceId) => ConnectionTarget | undefined;
  readonly runtime: AirflowRuntime;
  readonly loadModules: LoadModules | undefined;
  readonly environment: Variables;
  readonly networkAllow: readonly string[];
  readonly now: () => number;
  readonly logger: Logger;
  readonly onWritten: () => void;
}

/** Reads the team's modules; a bad one is left out and told of. */
export const createPipelineSide = async (ports: Ports): Promise<PipelineSide> => {
  const { store, live, environment, networkAllow, now, logger, onWritten } = ports;
  const library = createModuleLibrary(ports.loadModules, logger);
  await library.reload();
  const instances = createInstanceConnections({ live, now, logger });
  const compiler = createPipelineCompiler(library, now);
  const knowConnections = createConnectionKnowledge({ documents: store.documents, environment, instances });
  const find = createConnectionFinder({ documents: store.documents, environment });
  const reach = createReach(createAddressGuard({ allow: networkAllow }), now);
  return {
    pipelines: createPipelineUseCases({
      store,
      compiler,
      validate: createPipelineValidator({ compiler, knowConnections }),
      findTarget: ports.findTarget,
      runtime: ports.runtime,
      now,
      logger,
      onWritten,
    }),
    modules: createModuleUseCases({ library, store, onWritten }),
    connections: createConnectionUseCases({ store, find, environment, instances, reach, onWritten }),
  };
};
