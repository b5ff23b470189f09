import { z } from "zod";
import { StepRefusal } from "../step-trouble.ts";

/** Options of a step as they are once parameters are filled in: a reference may have brought anything. */
export const parseOptions = <Options>(schema: z.ZodType<Options>, options: unknown): Options => {
  const parsed = schema.safeParse(options);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  throw new StepRefusal(
    `The option "${issue?.path.join(".") ?? ""}" cannot be used: ${issue?.message ?? "it is wrong"}.`,
  );
};

export const Types = z.record(z.string(), z.string());
export const EncodingName = z.enum(["utf-8", "utf-16", "latin-1", "windows-1252"]);

/**
 * The name of a type as it may stand in a cast. A parameter may have brought it, so nothing that could end the cast is
 * let through: signs of names, numbers and lists, and parentheses that close what they open.
 */
export const checkTypeName = (name: string): string => {
  let depth = 0;
  let isOpenEnded = false;
  for (const sign of name) {
    if (sign === "(") depth += 1;
    if (sign === ")") depth -= 1;
    isOpenEnded ||= depth < 0;
  }
  if (isOpenEnded || depth !== 0 || !/^[A-Za-z_][A-Za-z0-9_ ,()[\]]*$/.test(name)) {
    throw new StepRefusal(`"${name}" is no type of DuckDB, such as DECIMAL(12,2).`);
  }
  return name;
};
