import type { Control, KeptConnection, KnownModule } from "@airfleet/control";
import { AirfleetError, type Plan, toInstanceId } from "@airfleet/model";
import type { StoredPipeline } from "@airfleet/store";

const TIME = 1_700_000_000_000;
const ID = "3b9c1f0e-5a44-4d0b-9d6e-0c2f4f6c7a11";

const pipeline: StoredPipeline = {
  id: ID,
  name: "Paid orders",
  description: null,
  version: "1.0.0",
  config: { nodes: [], edges: [] },
  schedule: null,
  isScheduled: false,
  timeZone: "UTC",
  status: "draft",
  tags: [],
  defaultParams: {},
  owner: null,
  tenant: null,
  environments: { dev: [toInstanceId("client1")] },
  revision: 1,
  planHash: null,
  firstScheduledAt: null,
  createdBy: "local",
  createdAt: TIME,
  updatedAt: TIME,
  removedAt: null,
};

const version = {
  pipeline: ID,
  revision: 1,
  content: pipeline,
  planHash: null,
  author: "local",
  note: null,
  createdAt: TIME,
};

const get = async (id: string): Promise<StoredPipeline> => {
  if (id !== ID) throw new AirfleetError("PIPELINE_UNKNOWN", { id });
  return pipeline;
};

const module: KnownModule = {
  name: "csv-extractor",
  displayName: "CSV",
  description: "Reads",
  type: "extractor",
  category: "files",
  version: "1.0.0",
  icon: "file",
  tags: [],
  inputs: [],
  configSchema: {},
  defaults: {},
  connectionFields: [],
  isOwn: false,
  usageCount: 0,
};

const connection: KeptConnection = {
  id: "warehouse",
  description: "",
  connection: { kind: "postgres", host: null, port: null, login: null, schema: null },
  hasPassword: true,
  extraKeys: [],
  usedBy: 0,
  version: 1,
  createdAt: TIME,
  updatedAt: TIME,
};

const valid = { valid: true, errors: [], warnings: [], planHash: null };

/** One pipeline of `client1`, one module and one connection. */
const PLAN: Plan = {
  format: 1,
  pipeline: ID,
  name: "Paid orders",
  dagId: "pipeline_3b9c1f0e",
  duckdb: "1.5.6",
  tags: [],
  params: {},
  schedule: null,
  maxActiveRuns: 1,
  steps: [],
};

export const fakePipelines = (): Pick<Control, "pipelines" | "modules" | "connections"> => ({
  pipelines: {
    find: async (id) => (id === ID ? pipeline : undefined),
    get,
    list: async () => ({ items: [], next: null }),
    count: async () => 0,
    create: async () => pipeline,
    import: async () => pipeline,
    update: async () => pipeline,
    remove: async () => {},
    duplicate: async (_actor, id) => get(id),
    validate: async (id) => {
      await get(id);
      return valid;
    },
    validateDraft: async () => valid,
    ready: async (id) => {
      throw new AirfleetError("PIPELINE_UNKNOWN", { id });
    },
    compile: async (id, target, revision) => {
      await get(id);
      return {
        target,
        pipeline: id,
        revision: revision ?? 1,
        name: "pipeline.py",
        text: "",
        hash: "a",
        planHash: "p",
        plan: PLAN,
        report: [],
      };
    },
    versions: async () => ({ items: [], next: null }),
    version: async (id) => {
      await get(id);
      return version;
    },
    diff: async () => {
      const nothing = { added: [], removed: [], changed: [] };
      return { nodes: nothing, edges: nothing, fields: [], planChanged: false };
    },
    restore: async () => pipeline,
    onRemoval: () => {},
  },
  modules: {
    list: async () => [module],
    get: async () => module,
    refused: () => [],
    reload: async () => {},
  },
  connections: {
    list: async () => [connection],
    get: async (id) => {
      if (id !== "warehouse") throw new AirfleetError("DOCUMENT_UNKNOWN", { kind: "connection", id });
      return connection;
    },
    create: async () => connection,
    update: async () => connection,
    remove: async () => {},
    check: async (id) => ({ id, source: null, variable: null, kind: null, instances: [], reach: null }),
    find: async (id) => {
      throw new AirfleetError("CONNECTION_UNKNOWN", { id, variable: "WAREHOUSE" });
    },
  },
});
