import { type FakeServer, type Handlers, Refusal, startFakeServer } from "../../../sdk/test/support/fake-server.ts";
import { action, cell, instance, run } from "../../../sdk/test/support/samples.ts";

export const INSTANCES = [
  instance({ id: "eu-1" }),
  instance({ id: "us-1", url: "http://10.0.0.2:8080" }),
  instance({ id: "prod-1", tier: "production", url: "http://10.0.0.3:8080" }),
  instance({ id: "old-1", enabled: false }),
];

/** A fleet whose DAG "orders" is on eu-1, us-1 and prod-1, with a failed run "af_01" on eu-1 and prod-1. */
const FLEET: Handlers = {
  listInstances: () => ({ items: INSTANCES, next_cursor: null }),
  getInstance: ({ params }) => {
    const found = INSTANCES.find(({ id }) => id === params.instance);
    if (found === undefined) throw new Refusal(404, "INSTANCE_UNKNOWN", `There is no instance "${params.instance}".`);
    return found;
  },
  listDags: () => ({
    items: [
      {
        dag_id: "orders",
        tags: ["tier1"],
        cells: [
          cell({
            last_run: { dag_run_id: "r", state: "failed", logical_date: null, started_at: null, ended_at: null },
          }),
          cell({ instance: "us-1", is_paused: true }),
          cell({ instance: "prod-1" }),
        ],
      },
    ],
    next_cursor: null,
    instances: [],
  }),
  getFleetDag: ({ params: { dag_id } }) => {
    if (dag_id !== "orders") throw new Refusal(404, "DAG_UNKNOWN", `There is no DAG "${dag_id}".`);
    const cells = [cell(), cell({ instance: "us-1", is_paused: true }), cell({ instance: "prod-1" })];
    return { dag_id, tags: [], cells, instances: [] };
  },
  getRun: ({ params }) => {
    if (params.dag_run_id !== "af_01" || params.instance === "us-1")
      throw new Refusal(404, "RUN_UNKNOWN", "There is no such run.");
    return run({ instance: params.instance });
  },
  patchDag: ({ params, body }) => {
    if (params.instance === "prod-1" && body.confirm !== "prod-1")
      throw new Refusal(409, "CONFIRMATION_NEEDED", "Confirm it.");
    return action({ instance: params.instance, after: { is_paused: body.is_paused } });
  },
  triggerRun: ({ params, body }) =>
    action({ instance: params.instance, verb: "run:trigger", dag_run_id: "af_02", after: { conf: body.conf } }),
};

/** Serves that fleet, with some routes answered differently. */
export const startFakeFleet = (handlers: Handlers = {}): Promise<FakeServer> =>
  startFakeServer({ ...FLEET, ...handlers });
