import type { Control, Deployment } from "@airfleet/control";
import { AirfleetError, toDagId, toInstanceId } from "@airfleet/model";

const TIME = 1_700_000_000_000;

const deployment: Deployment = {
  id: "dpl_1",
  pipelineId: "3b9c1f0e-5a44-4d0b-9d6e-0c2f4f6c7a11",
  revision: 1,
  planHash: "p",
  artifactId: "art_1",
  artifactHash: "a",
  instance: toInstanceId("client1"),
  dagId: toDagId("pipeline_3b9c1f0e"),
  generation: 1,
  state: "triggerable",
  origin: "deploy",
  requestedBy: "local",
  isNew: true,
  tasksChanged: false,
  stateTimes: { pending: TIME, live: TIME + 1, triggerable: TIME + 1 },
  error: null,
  target: "folder /dags",
  targetRevision: null,
  progress: { parsedAt: null, erredAt: null, reads: 0, nudgedAt: null, looks: 0, tries: 0 },
  dueAt: null,
  rowVersion: 1,
  createdAt: TIME,
  changedAt: TIME,
  scan: null,
  expectedAt: null,
};

/** One deployment on `client1`, to which everything leads. */
export const fakeDeployments = (): Pick<Control, "deployments"> => ({
  deployments: {
    deploy: async (_actor, { instances = [] }) =>
      instances.map((instance) => ({
        instance,
        dagId: deployment.dagId,
        revision: 1,
        artifactHash: "a",
        presentHash: null,
        target: "folder",
        deployment: null,
      })),
    list: async () => ({ items: [deployment], next: null }),
    get: async (id) => {
      if (id !== deployment.id) throw new AirfleetError("DEPLOYMENT_UNKNOWN", { deployment: id });
      return deployment;
    },
    rollback: async () => deployment,
    remove: async () => ({ ...deployment, state: "removed" }),
    runsInFlight: async () => [],
    promote: async (_actor, { from, to }) => ({
      from,
      to,
      revision: 1,
      difference: null,
      missing: [],
      unread: [],
      deployment: null,
    }),
    settle: async (ids, { until }) =>
      ids.map((): Deployment => (until === "removed" ? { ...deployment, state: "removed" } : deployment)),
  },
});
