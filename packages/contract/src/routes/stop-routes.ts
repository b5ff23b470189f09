import { defineRoute, REPEATABLE_ERRORS } from "../route.ts";
import { RunKeyParams } from "../schemas/fleet-runs.ts";
import { RunStops } from "../schemas/runs.ts";
import { RunStopsView, RunStopView } from "../schemas/stops.ts";

const area = "Runs";

export const stopFleetRuns = defineRoute({
  id: "stopFleetRuns",
  method: "POST",
  path: "/api/v1/runs/stop",
  area,
  summary: "Stop up to 1,000 runs, with an outcome for each",
  description:
    "Each is recorded before it is answered and then stopped for itself, some at a time on each instance. The answer is 202 at once; `Prefer: wait=N` waits for the end of all. A dry run tells which runs would be stopped, and the hash of that list.",
  permission: "run:stop",
  audited: true,
  confirm: "production",
  body: RunStops,
  response: RunStopsView,
  deferrable: true,
  errors: [
    ...REPEATABLE_ERRORS,
    "CONFIRMATION_NEEDED",
    "INSTANCE_UNKNOWN",
    "SELECTOR_INVALID",
    "STOP_CONFIRMATION_NEEDED",
    "STOP_LIST_CHANGED",
    "STOPS_TOO_MANY",
  ],
  example: { body: { selector: "instance=eu-* tag=tier1", states: ["running"], dry_run: true } },
});

export const getFleetRunStop = defineRoute({
  id: "getFleetRunStop",
  method: "GET",
  path: "/api/v1/runs/{run}/stop",
  area,
  summary: "Show the newest stop of a run, and what shows that its processes are gone",
  permission: "run:read",
  params: RunKeyParams,
  response: RunStopView,
  errors: ["RUN_KEY_UNKNOWN", "STOP_NOT_KNOWN"],
});
