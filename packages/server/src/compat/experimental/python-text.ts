import { toPythonText } from "./execution-date.ts";

const INSTANT = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d+)?(Z|\+00:00)$/;

/** A value as Python's `str()` writes it: this API answers every field of a task as such a text. */
const asPythonText = (value: unknown): string => {
  if (value === null || value === undefined) return "None";
  if (typeof value === "boolean") return value ? "True" : "False";
  if (typeof value === "string") return INSTANT.test(value) ? toPythonText(value) : value;
  return typeof value === "number" ? String(value) : JSON.stringify(value);
};

/** All fields as texts; those that Python would keep to itself are left out. */
export const withPythonTexts = (fields: Readonly<Record<string, unknown>>): Readonly<Record<string, string>> =>
  Object.fromEntries(
    Object.entries(fields)
      .filter(([name]) => !name.startsWith("_"))
      .map(([name, value]) => [name, asPythonText(value)]),
  );
