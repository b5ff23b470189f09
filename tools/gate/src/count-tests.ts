import { readFileSync } from "node:fs";

/** Test runners whose reports we can count. */
export type Runner = "vitest" | "pytest";

export interface TestCounts {
  readonly passed: number;
  readonly failed: number;
}

/** What makes a runner write its report to a file. */
export const reportArguments = (runner: Runner, file: string): readonly string[] =>
  runner === "vitest"
    ? ["--reporter=default", "--reporter=json", `--outputFile.json=${file}`]
    : [`--junit-xml=${file}`];

const countVitest = (text: string): TestCounts => {
  const report: unknown = JSON.parse(text);
  const numbers = report as { numPassedTests?: number; numFailedTests?: number; numFailedTestSuites?: number };
  const failed = numbers.numFailedTests ?? 0;
  // A file that fails before its first test has a failed suite and no failed test.
  return { passed: numbers.numPassedTests ?? 0, failed: failed === 0 ? (numbers.numFailedTestSuites ?? 0) : failed };
};

const countPytest = (text: string): TestCounts => {
  const suite = /<testsuite [^>]*>/.exec(text)?.[0];
  if (suite === undefined) throw new Error("The report of pytest has no <testsuite>.");
  const read = (name: string): number => Number(new RegExp(` ${name}="(\\d+)"`).exec(suite)?.[1] ?? 0);
  // Nothing is skipped here: a test that did not run is one that did not pass.
  const failed = read("failures") + read("errors") + read("skipped");
  return { passed: read("tests") - failed, failed };
};

/** Counts the tests of a runner's report. @throws when there is no report, or none that can be understood */
export const countTests = (runner: Runner, file: string): TestCounts =>
  (runner === "vitest" ? countVitest : countPytest)(readFileSync(file, "utf8"));
