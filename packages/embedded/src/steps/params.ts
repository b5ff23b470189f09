import type { PlanValue } from "@airfleet/model";
import { StepRefusal } from "./step-trouble.ts";

/** A run's parameters, by name. */
export type Params = Readonly<Record<string, unknown>>;

/** The value of a parameter, or the reason why there is none. */
export const paramOf = (params: Params, name: string): unknown => {
  if (!Object.hasOwn(params, name)) {
    const given = Object.keys(params).toSorted().join(", ");
    throw new StepRefusal(
      `The run has no parameter "${name}" (given: ${given === "" ? "none" : given}). Set it, or add a default.`,
    );
  }
  return params[name];
};

/** A parameter inside a text: numbers and flags as JSON writes them. */
export const toText = (value: unknown): string => {
  if (value === null || value === undefined) return "";
  if (typeof value === "string") return value;
  if (typeof value === "boolean" || typeof value === "number") return String(value);
  throw new StepRefusal(`A ${Array.isArray(value) ? "list" : "mapping"} cannot stand inside a text.`);
};

type TextPart = string | { readonly $param: string };

/** A value of a plan with `{$param}` and `{$text}` replaced. */
export const fill = (value: PlanValue, params: Params): unknown => {
  if (Array.isArray(value)) return (value as readonly PlanValue[]).map((item) => fill(item, params));
  if (typeof value !== "object" || value === null) return value;
  const keys = Object.keys(value);
  const first = keys.length === 1 ? keys[0] : undefined;
  if (first === "$param") return paramOf(params, (value as { $param: string }).$param);
  if (first === "$text") {
    const { $text: parts } = value as { readonly $text: readonly TextPart[] };
    return parts.map((part) => (typeof part === "string" ? part : toText(paramOf(params, part.$param)))).join("");
  }
  const entries = Object.entries(value as Readonly<Record<string, PlanValue>>);
  return Object.fromEntries(entries.map(([key, item]) => [key, fill(item, params)]));
};
