import { Connection } from "@airfleet/model";
import { createStepRunner } from "../../src/index.ts";
import { openEngine } from "../engine/open-engine.ts";

// A server's part of the embedded engine, to be killed: node engine-process.ts DIRECTORY CONNECTION
const [directory = "", connection = ""] = process.argv.slice(2);
const target = Connection.parse(JSON.parse(connection));

openEngine(directory, {
  limits: { concurrency: 2 },
  openRunner: (environment) =>
    createStepRunner({
      limits: { roots: [], networkAllow: ["127.0.0.1"], memory: "1GB", threads: 1, concurrency: 2, logBytes: 100_000 },
      findConnection: async () => target,
      environment,
      graceMs: 1_000,
    }),
  logger: { info: () => process.stdout.write("works\n"), warn: () => undefined, error: console.error },
});
