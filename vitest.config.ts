import { defineConfig } from "vitest/config";

/** Tests that need a real Airflow, and so run once, one file after the other, against engines that the gate started. */
const ENGINE_TESTS = ["{packages,tools,examples}/**/test/**/real*.test.ts"];
/** Those that start the engines they need, with settings of their own: they run beside the others. */
const OWN_ENGINE_TESTS = [
  "tools/{engines,demo}/test/**/real*.test.ts",
  "packages/server/test/{reports,stops}/real*.test.ts",
  "packages/airflow/test/real-signed-calls.test.ts",
];
/** Those that start a real Dagster. Its runs take seconds of processor time to begin: they run by themselves, in `make soak`. */
const DAGSTER_TESTS = ["packages/server/test/dagster/real*.test.ts", "packages/dagster/test/**/real*.test.ts"];
/** Tests that start whole servers or kill processes: slower, and not part of `npm run check`. */
const SYSTEM_TESTS = [
  "{packages,tools,examples,bench}/**/test/{faults,e2e,security}/**/*.test.ts",
  "packages/control/test/{complaints,poll,shared,simulated,takeover}.test.ts",
  "packages/simulator/test/conformance*.test.ts",
  "packages/store/test/backup.test.ts",
];

const resolve = { conditions: ["@airfleet/source"] };
const ssr = { resolve: { conditions: ["@airfleet/source"], externalConditions: ["@airfleet/source"] } };

const ON_ENGINES = {
  fileParallelism: false,
  // Most of these tests wait for a scheduler, not for this process.
  maxConcurrency: 12,
  testTimeout: 180_000,
  hookTimeout: 300_000,
};

export default defineConfig({
  test: {
    projects: [
      {
        resolve,
        ssr,
        test: {
          name: "unit",
          include: ["{packages,tools,examples}/**/test/**/*.test.ts"],
          exclude: [...ENGINE_TESTS, ...SYSTEM_TESTS, "**/node_modules/**", "**/dist/**"],
        },
      },
      {
        resolve,
        ssr,
        test: {
          name: "system",
          include: SYSTEM_TESTS,
          exclude: ENGINE_TESTS,
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
      {
        resolve,
        ssr,
        test: {
          name: "engines",
          include: ENGINE_TESTS,
          exclude: [...OWN_ENGINE_TESTS, ...DAGSTER_TESTS],
          ...ON_ENGINES,
        },
      },
      {
        resolve,
        ssr,
        test: { name: "own-engines", include: OWN_ENGINE_TESTS, ...ON_ENGINES },
      },
      {
        resolve,
        ssr,
        test: { name: "dagster", include: DAGSTER_TESTS, ...ON_ENGINES },
      },
    ],
  },
});
