import { StepRefusal, StepTrouble, reasonOf } from "../step-trouble.ts";

/** DuckDB's own names of the errors that it will give again however often it is asked; kept equal in the Python runtime. */
const REFUSALS = [
  "Binder",
  "Catalog",
  "Constraint",
  "Conversion",
  "Invalid Input",
  "Invalid type",
  "Mismatch Type",
  "Not implemented",
  "Out of Range",
  "Parser",
  "Permission",
  "Syntax",
];

/** What DuckDB complains of as the step's error, without the statement, which the reader has not written like that. */
export const toTrouble = (error: unknown): StepTrouble => {
  const message = reasonOf(error).replace(/^Failed to (?:extract statements|prepare): /, "");
  const isRefusal = REFUSALS.some((kind) => message.startsWith(`${kind} Error`));
  if (!isRefusal) return new StepTrouble(message, { cause: error });
  return new StepRefusal((message.split("\n\nLINE", 1)[0] ?? message).trim(), { cause: error });
};
