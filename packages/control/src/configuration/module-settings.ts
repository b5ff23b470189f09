import { z } from "zod";

/** What of `airfleet.yaml` is about modules of one's own. */
export const Modules = z.strictObject({
  paths: z
    .array(z.string().min(1))
    .max(50)
    .default([])
    .describe("Folders whose folders are modules of your own, each with a module.yaml."),
});
