import { describe, expect, test } from "vitest";
import { AirfleetError, ERROR_CATALOGUE, type ErrorCode, isAirfleetError } from "../src/index.ts";

const codes = Object.keys(ERROR_CATALOGUE) as ErrorCode[];
const placeholders = (message: string): string[] =>
  [...message.matchAll(/\{([a-z_]+)\}/g)].map((match) => match[1] ?? "");

describe("the error catalogue", () => {
  test.each(codes)("%s has an error status and a message that starts as a sentence", (code) => {
    const { status, message } = ERROR_CATALOGUE[code];
    expect(status).toBeGreaterThanOrEqual(400);
    expect(status).toBeLessThan(600);
    expect(message).toMatch(/^[A-Z"{].*\S$/s);
  });

  test("codes are upper snake and unique over all groups", () => {
    for (const code of codes) expect(code).toMatch(/^[A-Z][A-Z0-9_]*$/);
  });

  test("a filled message keeps no placeholder", () => {
    for (const code of codes) {
      const details = Object.fromEntries(placeholders(ERROR_CATALOGUE[code].message).map((name) => [name, "x"]));
      expect(new AirfleetError(code, details).message).not.toMatch(/\{[a-z_]+\}/);
    }
  });

  test("an error carries status, retryability, cause and findings", () => {
    const cause = new Error("socket hang up");
    const error = new AirfleetError(
      "INSTANCE_UNREACHABLE",
      { instance: "a", url: "http://x", reason: "refused" },
      { cause, retryAfterSeconds: 2 },
    );
    expect(error).toMatchObject({ status: 502, retryable: true, retryAfterSeconds: 2, cause });
    expect(isAirfleetError(error, "INSTANCE_UNREACHABLE")).toBe(true);
    expect(isAirfleetError(error, "DAG_UNKNOWN")).toBe(false);
    expect(isAirfleetError(cause)).toBe(false);
  });

  test("a value with dollar signs and braces is shown as it is", () => {
    const error = new AirfleetError("DAG_UNKNOWN", { dag_id: "$& {instance}", instance: "a" });
    expect(error.message).toContain("$& {instance}");
  });
});
