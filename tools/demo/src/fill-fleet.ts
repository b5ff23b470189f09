/** What runs of the made-up organisation are about: its collections, told by the DAG's name. */
const collectionRule = (work: string) => ({
  description: `Runs that ${work} a collection`,
  dags: [`*_${work}`],
  capture: { dag_id: `{collection}_${work}` },
  subjects: [
    {
      type: "collection",
      id: "{{ dag_id.collection }}",
      url: "https://library.example.org/collections/{{ dag_id.collection }}",
    },
  ],
});

const RULES = {
  harvests: collectionRule("harvest"),
  indexes: collectionRule("index"),
  exports: collectionRule("export"),
  recovery: {
    description: "The set that a recovery run is told to restore",
    dags: ["disaster_recovery_dag_*"],
    subjects: [{ type: "recovery-set", id: "{{ conf.param1 }}" }],
  },
} as const;

const TRIGGER = {
  instances: ["client1", "client3"],
  dag_id: "disaster_recovery_dag_1",
  conf: { param1: "spring-2026" },
  subjects: [{ type: "recovery-set", id: "spring-2026", label: "Spring 2026" }],
  note: "the demo's first run",
} as const;

const send = async (url: string, method: "POST" | "PUT", body: object): Promise<void> => {
  const answer = await fetch(url, {
    method,
    headers: { "content-type": "application/json", "idempotency-key": "demo" },
    body: JSON.stringify(body),
  });
  if (!answer.ok) throw new Error(`${method} ${url} answered ${answer.status}: ${await answer.text()}`);
  await answer.arrayBuffer();
};

/**
 * Gives the demo something to look at: rules for what its runs are about, also those read before, and runs that were asked for.
 *
 * @throws {Error} when the server refuses one of them
 */
export const fillFleet = async (url: string): Promise<void> => {
  const api = `${url}/api/v1`;
  for (const [id, rule] of Object.entries(RULES)) await send(`${api}/subject-rules/${id}`, "PUT", rule);
  await send(`${api}/subject-rules/apply`, "POST", {});
  await send(`${api}/triggers`, "POST", TRIGGER);
};
