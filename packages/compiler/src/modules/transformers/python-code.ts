import { z } from "zod";
import { defineModule } from "../module-definition.ts";

export const pythonCode = defineModule({
  name: "python-code",
  displayName: "Python",
  description:
    "A function `transform` that gets a pandas frame for each input, and the run's parameters if it asks for `params`, and returns a frame.",
  type: "transformer",
  category: "code",
  icon: "braces",
  inputs: { named: true, least: 1, single: "input" },
  config: z.strictObject({
    code: z
      .string()
      .min(1)
      .max(200_000)
      .meta({ title: "Code", format: "python", examples: ["def transform(df):\n    return df[df.amount > 0]\n"] }),
    timeout: z.number().positive().max(86_400).default(30).meta({ title: "Seconds" }),
  }),
  compile: ({ code, timeout }) => ({ kind: "python", code, function: "transform", timeoutSeconds: timeout }),
});
