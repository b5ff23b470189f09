import type { Answer } from "../http/answer.ts";
import { SECOND } from "../clock/instant.ts";
import { pythonJson } from "../http/python-text.ts";
import { isOpen, type RunRecord } from "../world/run-record.ts";
import { tasksOf } from "../world/tasks-of-run.ts";
import type { World } from "../world/world.ts";
import { invalid } from "./detail.ts";
import type { V2Call, V2Route } from "./route.ts";
import { runOr404 } from "./runs.ts";

const pause = (world: World, seconds: number): Promise<void> =>
  new Promise((resolve) => {
    world.clock.at(world.clock.now() + Math.round(seconds * SECOND), resolve);
  });

const resultsOf = (world: World, run: RunRecord, wanted: readonly string[]): object =>
  Object.fromEntries(
    tasksOf(world, run)
      .filter((task) => wanted.includes(task.task.taskId) && task.state === "success")
      .map((task) => [task.task.taskId, task.task.spec.returns ?? null]),
  );

async function* states(
  world: World,
  run: RunRecord,
  seconds: number,
  wanted: readonly string[],
): AsyncGenerator<string> {
  while (isOpen(run)) {
    yield `${pythonJson({ state: run.state })}\n`;
    await pause(world, seconds);
  }
  yield `${pythonJson(wanted.length === 0 ? { state: run.state } : { state: run.state, results: resultsOf(world, run, wanted) })}\n`;
}

/** One line per interval until the run has ended; without a content type, like the real one. */
const wait = (call: V2Call): Answer => {
  const input = call.request.query.get("interval");
  const loc = ["query", "interval"];
  if (input === null) return invalid([{ type: "missing", loc, msg: "Field required", input: null }]);
  const seconds = Number(input);
  if (Number.isNaN(seconds)) {
    const msg = "Input should be a valid number, unable to parse string as a number";
    return invalid([{ type: "float_parsing", loc, msg, input }]);
  }
  if (!(seconds > 0))
    return invalid([{ type: "greater_than", loc, msg: "Input should be greater than 0", input, ctx: { gt: 0 } }]);
  const run = runOr404(call);
  return {
    status: 200,
    headers: {},
    body: states(call.deployment.world, run, seconds, call.request.query.getAll("result")),
  };
};

export const waitRoutes: readonly V2Route[] = [
  { method: "GET", path: "/dags/{dag_id}/dagRuns/{dag_run_id}/wait", handle: wait },
];
