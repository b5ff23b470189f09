import { z } from "zod";

/** An error as our API answers it: RFC 9457, with a code from the catalogue. */
export const Problem = z
  .object({
    type: z.string(),
    title: z.string(),
    status: z.number().int(),
    detail: z.string(),
    code: z.string(),
    /** Id of the request, for a report. */
    request_id: z.string(),
    /** Each place that is wrong, when there is more than one thing to say. */
    errors: z.array(z.object({ pointer: z.string(), message: z.string(), code: z.string().optional() })).optional(),
    /** The recorded write, when the error is its outcome. */
    action: z.string().optional(),
  })
  .meta({ id: "Problem" });
export type Problem = z.infer<typeof Problem>;
