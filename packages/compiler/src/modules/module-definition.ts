import type { NodeType, StepBody } from "@airfleet/model";
import type { z } from "zod";

/** An input of a module. */
export interface InputPort {
  readonly name: string;
  readonly required: boolean;
}

/** Names that an edge must give to each of several inputs, which are then known to the module by them. */
export interface NamedInputs {
  readonly named: true;
  readonly least: number;
  /** The name of the only input when its edge gives none. */
  readonly single: string;
}

/** A connection that a config names. */
export interface ConnectionUse {
  readonly field: string;
  readonly id: string;
  /** Kinds of connection that will do. */
  readonly kinds: readonly string[];
}

/** What a module knows of its place in the pipeline when it is compiled. */
export interface CompileContext {
  /** Names of the inputs that are connected, in the order of the edges. */
  readonly inputs: readonly string[];
}

/** What a module is whatever its config. */
interface ModuleFacts {
  /** JSON Schema of the config, where somebody wrote one; otherwise it is made of `config`. */
  readonly configSchema?: Readonly<Record<string, unknown>>;
  readonly name: string;
  readonly displayName: string;
  readonly description: string;
  readonly type: NodeType;
  readonly category: string;
  readonly version: string;
  readonly icon: string;
  readonly tags: readonly string[];
  readonly inputs: readonly InputPort[] | NamedInputs;
  /** It brings the ways of a branch together: it does with the inputs that are there. */
  readonly joinsWays: boolean;
}

/** A module with the config of one node. */
export interface ConfiguredModule {
  /** Names of its outputs; several where rows part ways. */
  readonly outputs: readonly string[];
  readonly connections: readonly ConnectionUse[];
  compile(context: CompileContext): StepBody;
}

/** Something a node can be. Its config is described by a schema, from which forms, checks and documentation come. */
export interface ModuleDefinition extends ModuleFacts {
  readonly config: z.ZodType;
  /**
   * Reads a node's config. Nothing but what the schema has parsed reaches the module.
   *
   * @param restore puts references back into what was parsed, in the place of the defaults that the schema has judged
   */
  configure(config: unknown, restore?: (parsed: unknown) => void): z.ZodSafeParseResult<ConfiguredModule>;
}

type Given<Config> = Omit<ModuleFacts, "version" | "tags" | "joinsWays"> & {
  readonly version?: string;
  readonly tags?: readonly string[];
  readonly joinsWays?: boolean;
  readonly config: z.ZodType<Config>;
  /** Default: one, `out`. */
  readonly outputs?: (config: Config) => readonly string[];
  readonly connections?: (config: Config) => readonly ConnectionUse[];
  readonly compile: (config: Config, context: CompileContext) => StepBody;
};

/** Types a module; what most have alike need not be said. */
export const defineModule = <Config>(given: Given<Config>): ModuleDefinition => {
  const { outputs = () => ["out"], connections = () => [], compile, ...facts } = given;
  return {
    version: "1.0.0",
    tags: [],
    joinsWays: false,
    ...facts,
    configure(config, restore) {
      const parsed = given.config.safeParse(config);
      if (!parsed.success) return { success: false, error: parsed.error as z.ZodError<never> };
      const { data } = parsed;
      restore?.(data);
      return {
        success: true,
        data: {
          outputs: outputs(data),
          connections: connections(data),
          compile: (context) => compile(data, context),
        },
      };
    },
  };
};
