import type { PlanOptions, PlanValue } from "@airfleet/model";
import { splitAtReferences } from "./param-references.ts";

/** A JSON value of a node's config with its references taken apart, so that a step can fill them in as values. */
export const toPlanValue = (value: unknown): PlanValue => {
  if (typeof value === "string") {
    const parts = splitAtReferences(value);
    if (parts.every((part) => typeof part === "string")) return value;
    const [first] = parts;
    if (parts.length === 1 && typeof first === "object") return { $param: first.param };
    return { $text: parts.map((part) => (typeof part === "string" ? part : { $param: part.param })) };
  }
  if (Array.isArray(value)) return value.map(toPlanValue);
  if (typeof value === "object" && value !== null) {
    return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, toPlanValue(part)]));
  }
  return value as PlanValue;
};

/** The same for a config that is a step's options. What is undefined is left out. */
export const toPlanOptions = (config: Readonly<Record<string, unknown>>): PlanOptions =>
  Object.fromEntries(
    Object.entries(config)
      .filter(([, value]) => value !== undefined)
      .map(([key, value]) => [key, toPlanValue(value)]),
  );
