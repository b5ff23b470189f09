import { readFileSync } from "node:fs";
import { usageFailure } from "../failure/cli-failure.ts";

const STDIN = 0;
const reasonOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/** A definition in YAML or JSON from a file, or from stdin for `-`. What it must hold is checked by the server. */
export const readDocument = async (file: string): Promise<Record<string, unknown>> => {
  const { parse } = await import("yaml");
  let value: unknown;
  try {
    value = parse(readFileSync(file === "-" ? STDIN : file, "utf8"));
  } catch (error) {
    throw usageFailure(`${file} cannot be read: ${reasonOf(error)}`, "Give a file in YAML or JSON, or - for stdin.");
  }
  if (typeof value === "object" && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
  throw usageFailure(`${file} holds no definition.`, "It must be one object with keys, in YAML or JSON.");
};
