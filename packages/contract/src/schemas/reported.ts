import { z } from "zod";
import { InstantSchema } from "./primitives.ts";

/** What reports said of a run besides its state. */
export const ReportedView = z
  .object({
    progress: z.number().nullable().meta({ description: "0–100, as the sender counts" }),
    title: z.string().nullable(),
    /** What went wrong, in the sender's words; in a list of runs the message's first 200 characters. */
    error: z.object({ category: z.string().nullable(), message: z.string() }).nullable(),
    results: z.unknown().optional().meta({ description: "Of a single run, and only where something was said" }),
    statistics: z.unknown().optional(),
    logs: z.unknown().optional(),
    cut: z.array(z.string()).meta({ description: "Parts of which only the beginning is kept or shown, as text" }),
    reported_at: InstantSchema.meta({ description: "By the instance's clock" }),
  })
  .meta({ id: "Reported" });
