import { ENGINE_KINDS, RUN_STATES, TIERS } from "@airfleet/model";
import { z } from "zod";
import { Freshness } from "./dags.ts";
import { InstanceStatus } from "./instances.ts";
import { InstantSchema, SelectorText } from "./primitives.ts";

const WRONG_KINDS = ["unreachable", "refused", "scheduler_silent", "failing", "broken", "held"] as const;

/** One thing that needs a person. */
export const WrongView = z
  .object({
    kind: z
      .enum(WRONG_KINDS)
      .describe(
        "unreachable, refused (our credentials), scheduler_silent: the whole instance. failing: the newest outcome of the DAG is a failure. broken: a file that cannot be parsed. held: runs wait because their DAG is paused.",
      ),
    instance: z.string(),
    tier: z.enum(TIERS),
    dag_id: z.string().nullable(),
    file: z.string().nullable(),
    /** Our id of the run to look at. */
    run: z.string().nullable(),
    /** Failures in a row, or runs that wait. */
    count: z.number().int(),
    since: InstantSchema.nullable(),
    reason: z.string().nullable(),
  })
  .meta({ id: "Wrong" });

export const OverviewView = z
  .object({
    instances: z.array(
      z.object({
        id: z.string(),
        name: z.string(),
        tier: z.enum(TIERS),
        engine: z.enum(ENGINE_KINDS),
        enabled: z.boolean(),
        status: InstanceStatus,
        queued: z.number().int(),
        running: z.number().int(),
        /** How much is wrong there; null while it cannot be known. */
        wrong: z.number().int().nullable(),
      }),
    ),
    /** Worst first: production, then reach, then age; at most 500. */
    wrong: z.array(WrongView),
    wrong_total: z.number().int(),
  })
  .meta({ id: "Overview" });

export const MatrixQuery = z.strictObject({
  limit: z.coerce.number().int().min(1).max(1_000).default(500),
  cursor: z.string().max(2_000).optional(),
  selector: SelectorText.optional(),
});

export const MatrixView = z
  .object({
    items: z.array(
      z.object({
        dag_id: z.string(),
        tags: z.array(z.string()),
        /** By instance; an instance that has not this DAG is absent. */
        cells: z.record(
          z.string(),
          z.object({
            /** State of the newest run. */
            state: z.enum(RUN_STATES).nullable(),
            paused: z.literal(true).optional(),
            broken: z.literal(true).optional(),
            /** Failures since the last success. */
            failures: z.number().int().optional(),
          }),
        ),
      }),
    ),
    next_cursor: z.string().nullable(),
    instances: z.array(Freshness),
  })
  .meta({ id: "Matrix" });
