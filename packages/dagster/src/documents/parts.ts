import { z } from "zod";

/** What an answer may be instead of what was asked for; `__typename` tells. */
export const PYTHON_ERROR = "... on PythonError { message className }";

export const Tag = z.object({ key: z.string(), value: z.string() });

/** Of a union: its name, and what kinds of errors have in common. */
export const unionFields = {
  __typename: z.string(),
  message: z.string().nullish(),
  className: z.string().nullish(),
};

export const Problem = z.object(unionFields);
export type Problem = z.infer<typeof Problem>;

/** Names a job: `pipelineName` is the old word, which this input still wants. */
export interface JobSelector {
  readonly pipelineName: string;
  readonly repositoryName: string;
  readonly repositoryLocationName: string;
}

/** `{a: 1}` as GraphQL writes it, for the many lookups of one document; strings escape as in JSON. */
export const toInput = (value: unknown): string => {
  if (Array.isArray(value)) return `[${value.map(toInput).join(", ")}]`;
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  const fields = Object.entries(value).filter(([, inner]) => inner !== undefined);
  return `{${fields.map(([key, inner]) => `${key}: ${toInput(inner)}`).join(", ")}}`;
};
