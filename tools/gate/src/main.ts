import { PYTHON_CHECKS, PYTHON_STORE_TESTS, PYTHON_TESTS } from "./python-steps.ts";
import { runStep, type Step, type StepResult, stopSteps } from "./step.ts";
import { withTestServices } from "./with-test-services.ts";

const FORMAT: Step = { name: "format", command: ["biome", "format", "."] };
const LINT: Step = { name: "lint", command: ["oxlint", "--type-aware", "--deny-warnings"] };
const TYPES: Step = { name: "types", command: ["sh", "-c", "tsc -b && tsc -p tsconfig.tests.json"] };
const UNUSED: Step = { name: "unused code", command: ["knip"] };
const API_DOCUMENT: Step = {
  name: "OpenAPI document",
  command: ["redocly", "lint", "docs/reference/openapi.json"],
  env: { REDOCLY_TELEMETRY: "off", REDOCLY_SUPPRESS_UPDATE_NOTICE: "true" },
};
const UNIT: Step = {
  name: "unit tests",
  // Left to itself it keeps one core free, and half of a small machine idle.
  command: ["vitest", "run", "--project", "unit", "--maxWorkers=2"],
  runner: "vitest",
};
const SYSTEM: Step = {
  name: "system tests",
  // More than there are cores: most of their time they wait for what they have broken to come back.
  command: ["vitest", "run", "--project", "system", "--maxWorkers=4"],
  runner: "vitest",
};
const ENGINES: Step = {
  name: "tests on real engines",
  command: ["vitest", "run", "--project", "engines"],
  runner: "vitest",
  timeoutSeconds: 2_400,
};

/** Beside those above: both spend their time waiting for schedulers. */
const OWN_ENGINES: Step = {
  name: "tests that start real engines",
  command: ["vitest", "run", "--project", "own-engines"],
  runner: "vitest",
  timeoutSeconds: 2_400,
};

const STATIC = [FORMAT, LINT, TYPES, UNUSED, API_DOCUMENT, ...PYTHON_CHECKS];

const report = (results: readonly StepResult[]): number => {
  const passed = results.reduce((sum, result) => sum + result.passed, 0);
  const failed = results.reduce((sum, result) => sum + result.failed, 0);
  const broken = results.filter((result) => result.failed > 0).map((result) => result.name);
  if (broken.length > 0) process.stdout.write(`\nfailed: ${broken.join(", ")}; whole logs in .cache/reports\n`);
  process.stdout.write(`\n${passed} passed, ${failed} failed\n`);
  return failed === 0 ? 0 : 1;
};

const inTurn = async (steps: readonly Step[]): Promise<StepResult[]> => {
  const results: StepResult[] = [];
  for (const step of steps) results.push(await runStep(step));
  return results;
};

/** Format, lint, types, unused code, fast tests: what a developer runs before each commit. */
const check = async (): Promise<number> =>
  withTestServices({ engines: false }, async () => report(await inTurn([...STATIC, UNIT])));

/** Everything. The engines are installed and started while the fast tests run, once for all suites. */
const test = async (): Promise<number> =>
  withTestServices({ engines: true }, async (services) => {
    const first = await inTurn([...STATIC, UNIT]);
    const second = await inTurn([SYSTEM, PYTHON_TESTS, PYTHON_STORE_TESTS]);
    const started = await services.enginesReady();
    if (!started.ok) {
      process.stdout.write(`FAIL engines did not start\n${started.reason}\n`);
      return report([...first, ...second, { name: "engines", passed: 0, failed: 1, seconds: 0 }]);
    }
    const third = await Promise.all([runStep({ ...ENGINES, env: started.env }), runStep(OWN_ENGINES)]);
    return report([...first, ...second, ...third]);
  });

/** Every fault its full number of times; the other runs bring about a tenth of them. Takes hours. */
const soak = async (): Promise<number> =>
  withTestServices({ engines: true }, async (services) => {
    const full = { AIRFLEET_SOAK: "full" };
    const ours = await inTurn([
      {
        name: "faults",
        command: ["vitest", "run", "--project", "system", "test/faults"],
        runner: "vitest",
        env: full,
        timeoutSeconds: 7_200,
      },
    ]);
    const started = await services.enginesReady();
    if (!started.ok) {
      process.stdout.write(`FAIL engines did not start\n${started.reason}\n`);
      return report([...ours, { name: "engines", passed: 0, failed: 1, seconds: 0 }]);
    }
    const real = await inTurn([
      {
        name: "faults on real engines",
        command: ["vitest", "run", "--project", "engines", "test/faults"],
        runner: "vitest",
        env: { ...started.env, ...full },
        timeoutSeconds: 7_200,
      },
      {
        name: "faults on engines of their own",
        command: ["vitest", "run", "--project", "own-engines", "packages/server/test/reports/real-reports.test.ts"],
        runner: "vitest",
        env: full,
        timeoutSeconds: 3_600,
      },
    ]);
    const dagster = await runStep({
      name: "tests on a real Dagster",
      command: ["vitest", "run", "--project", "dagster"],
      runner: "vitest",
      timeoutSeconds: 3_600,
    });
    return report([...ours, ...real, dagster]);
  });

const commands: Readonly<Record<string, () => Promise<number>>> = { check, test, soak };
const command = commands[process.argv[2] ?? ""];
if (command === undefined) {
  process.stderr.write("usage: main.ts check | test | soak\n");
  process.exit(2);
}
for (const signal of ["SIGINT", "SIGTERM"] as const) {
  process.on(signal, () => {
    stopSteps();
    process.exitCode = signal === "SIGINT" ? 130 : 143;
  });
}
process.env["PATH"] = `${process.cwd()}/node_modules/.bin:${process.env["PATH"] ?? ""}`;
process.exitCode = await command();
