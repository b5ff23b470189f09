import { readSpan } from "@airfleet/model";
import { z } from "zod";
import type { ControlSettings } from "../control-settings.ts";

const SHORTEST_MS = 3_600_000;

const Keep = z
  .string()
  .refine((text) => text === "until_run" || text === "forever" || (readSpan(text) ?? 0) >= SHORTEST_MS, {
    message: "Write until_run, forever, or a span such as 30d (1h at least)",
  });

/** What of `airfleet.yaml` is about triggers. */
export const Triggers = z.strictObject({
  keep: Keep.default("30d").describe(
    "How long triggers are kept after their end: until_run (until their run is known), forever, or a span such as 30d.",
  ),
  project_name: z
    .string()
    .min(1)
    .max(100)
    .optional()
    .describe("Said in the note of every run that is asked for as a trigger. Absent: notes stay as given."),
});

/** The same for the use cases. */
export const toTriggerSettings = ({
  keep,
  project_name: projectName,
}: z.infer<typeof Triggers>): Pick<ControlSettings, "keepTriggers" | "projectName"> => ({
  keepTriggers: keep === "until_run" || keep === "forever" ? keep : (readSpan(keep) ?? SHORTEST_MS),
  projectName,
});
