import { createInterface } from "node:readline";
import { createSimulator, type DagSpec } from "@airfleet/simulator";

/** What the Django project in `python/tests` triggers, which starts this file as a process. */
const DAGS: readonly DagSpec[] = [
  {
    dagId: "index_finding_aid",
    tasks: [
      { taskId: "prepare", downstream: ["index"], log: ["preparing"] },
      { taskId: "index", fails: ({ conf }) => conf["finding_aid_ark"] === "ark:/broken", log: ["indexing"] },
    ],
  },
  { dagId: "bulk_prepare_finding_aids", tasks: [{ taskId: "prepare", log: ["all of them"] }] },
];

// Prints where the instances are, as one line of JSON, and runs until its input ends: so it never outlives its parent.
await using simulator = createSimulator({ timeScale: 10 });
const two = await simulator.addInstance({ id: "two", generation: 2, dags: DAGS });
const three = await simulator.addInstance({ id: "three", generation: 3, dags: DAGS });
const instances = [two, three].map(({ id, url, credentials }) => ({ id, url, ...credentials }));
process.stdout.write(`${JSON.stringify(instances)}\n`);
for await (const line of createInterface({ input: process.stdin })) process.stderr.write(`not understood: ${line}\n`);
