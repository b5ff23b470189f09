import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { countTests, type Runner } from "../src/count-tests.ts";

let directory: string;
beforeAll(() => {
  directory = mkdtempSync(path.join(tmpdir(), "airfleet-gate-"));
});
afterAll(() => rmSync(directory, { recursive: true, force: true }));

const count = (runner: Runner, text: string) => {
  const file = path.join(directory, `${runner}.report`);
  writeFileSync(file, text);
  return countTests(runner, file);
};

const junit = (numbers: string): string =>
  `<?xml version="1.0" encoding="utf-8"?><testsuites name="pytest tests"><testsuite name="pytest" ${numbers} time="0.1"><testcase name="a"/></testsuite></testsuites>`;

describe("counting tests", () => {
  it("takes failures, errors and skipped tests of pytest from what passed", () => {
    expect(count("pytest", junit('errors="0" failures="0" skipped="0" tests="12"'))).toEqual({ passed: 12, failed: 0 });
    expect(count("pytest", junit('errors="1" failures="2" skipped="3" tests="12"'))).toEqual({ passed: 6, failed: 6 });
  });

  it("counts a file of vitest that failed before its first test", () => {
    const report = JSON.stringify({ numPassedTests: 3, numFailedTests: 0, numFailedTestSuites: 1 });
    expect(count("vitest", report)).toEqual({ passed: 3, failed: 1 });
  });

  it("refuses a report that was cut off", () => {
    expect(() => count("pytest", "<?xml")).toThrow(/no <testsuite>/);
    expect(() => count("vitest", "{")).toThrow(SyntaxError);
  });
});
