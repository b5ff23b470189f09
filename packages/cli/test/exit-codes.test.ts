import { describe, expect, test } from "vitest";
import { ERROR_STATUS } from "@airfleet/sdk";
import { combineExitCodes, EXIT, EXIT_MEANINGS, toExitCode } from "../src/failure/exit-codes.ts";

describe("exit codes", () => {
  test("are the documented numbers, each with a meaning", () => {
    expect(EXIT).toEqual({
      ok: 0,
      failure: 1,
      usage: 2,
      notFound: 3,
      forbidden: 4,
      conflict: 5,
      timeout: 6,
      unavailable: 7,
      partial: 8,
      temporary: 75,
      interrupted: 130,
      terminated: 143,
    });
    expect(Object.keys(EXIT_MEANINGS)).toEqual(Object.keys(EXIT));
  });

  test("exist for every code of the catalogue, and none of them is success or partial", () => {
    for (const code of Object.keys(ERROR_STATUS)) {
      expect(Object.values(EXIT)).toContain(toExitCode(code));
      expect([EXIT.ok, EXIT.partial]).not.toContain(toExitCode(code));
    }
  });

  test.each([
    ["DAG_UNKNOWN", 3],
    ["INSTANCE_UNKNOWN", 3],
    ["TOKEN_MISSING", 4],
    ["FORBIDDEN", 4],
    ["INSTANCE_CREDENTIALS_REFUSED", 4],
    ["VERSION_CONFLICT", 5],
    ["CONFIRMATION_NEEDED", 5],
    ["INSTANCE_TIMEOUT", 6],
    ["SERVER_TIMEOUT", 6],
    ["INSTANCE_UNREACHABLE", 7],
    ["SERVER_UNREACHABLE", 7],
    ["DATA_DIR_LOCKED", 75],
    ["REQUEST_INVALID", 2],
    ["CONF_INVALID", 1],
    ["INTERNAL", 1],
  ])("%s ends with %i", (code, expected) => {
    expect(toExitCode(code)).toBe(expected);
  });

  test.each([
    [[], 0],
    [[0, 0], 0],
    [[7, 7], 7],
    [[7, 6], 1],
    [[0, 7], 8],
    [[0, 7, 3], 8],
  ])("%j together are %i", (codes, expected) => {
    expect(combineExitCodes(codes)).toBe(expected);
  });
});
