import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { checkNewRunId, isAirfleetError, RESERVED_RUN_ID_PREFIXES } from "../src/index.ts";

const refused = (value: string): string => {
  try {
    checkNewRunId(value);
  } catch (error) {
    if (isAirfleetError(error, "RUN_ID_INVALID")) return error.message;
    throw error;
  }
  return "accepted";
};

describe("run ids that we choose", () => {
  test.each(["a", "manual__2026-11-20T03:00:00+00:00", "p~1_x-y.z", "x".repeat(250)])("%s is accepted", (value) => {
    expect(checkNewRunId(value)).toBe(value);
  });

  test.each(["", "x".repeat(251), "a/b", "a b", "a%b", "a?b", "a#b", "ä", "a\nb", " a", "a'b", "(a)", "a@b"])(
    "%j is refused before it is sent",
    (value) => {
      expect(refused(value)).toContain("1 to 250 characters");
    },
  );

  test("two dots in a row are refused, as Airflow 3 does", () => {
    expect(refused("a..b")).toContain("two dots");
  });

  test.each(RESERVED_RUN_ID_PREFIXES)("the prefix %s is left to the engine", (prefix) => {
    expect(refused(`${prefix}2026`)).toContain("reserved");
  });

  test("whatever is accepted needs no escaping in a URL but for + and :", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary", maxLength: 300 }), (value) => {
        if (refused(value) !== "accepted") return true;
        return /^[A-Za-z0-9_.~+:-]+$/.test(value) && !value.includes("..");
      }),
    );
  });
});
