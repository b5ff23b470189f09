/** Observes the same runs as others do, in an order of its own, until it has told of all; says how many changes it made. */
import { toDagId, toInstanceId, toRunId } from "@airfleet/model";
import { openStore, type OpenStoreOptions } from "../../src/index.ts";
import { readOf, runOf, START, subjectOf } from "../run-samples.ts";

const store = await openStore(JSON.parse(process.argv[2] ?? "{}") as OpenStoreOptions);
const [, , , seedText = "1", roundsText = "10"] = process.argv;
const RUNS = 30;
const STATES = ["queued", "running", "failed", "running", "success"] as const;
let seed = Number(seedText);
const next = (below: number): number => {
  seed = (seed * 48_271) % 2_147_483_647;
  return seed % below;
};
process.stdout.write("ready\n");

let changes = 0;
for (let round = 0; round < Number(roundsText); round += 1) {
  const observations = Array.from({ length: 12 }, () => {
    const index = next(RUNS);
    const step = next(STATES.length);
    const run = runOf(`r-${index}`, STATES[step] ?? "queued", index % 7, { dagId: toDagId(`dag-${index % 3}`) });
    return readOf({ ...run, runId: toRunId(`r-${index}`) }, START + step);
  });
  const told = await store.runs.observe({
    instance: toInstanceId("eu-1"),
    observations,
    // Each subject is about many runs, and they are named in no order.
    subjectsOf: ({ runId }) => {
      const index = Number(runId.slice(2));
      return [subjectOf(`s-${(index * 7) % 5}`), subjectOf(`s-${index % 5}`), subjectOf(`only-${index}`)];
    },
  });
  changes += told.length;
}
process.stdout.write(`done ${changes}\n`);
await store.close();
