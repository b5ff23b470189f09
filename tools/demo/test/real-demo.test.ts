import { readFileSync } from "node:fs";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { readCommands } from "../../transcript/src/read-commands.ts";
import { type DemoProcess, startDemo } from "./demo-process.ts";
import { parseSeedLine } from "./seed-line.ts";

const GUIDE = path.resolve(import.meta.dirname, "../../../docs/guides/from-multi-client-airflow.md");
const commands = readCommands(readFileSync(GUIDE, "utf8"));

let demo: DemoProcess;
beforeAll(async () => {
  demo = await startDemo("real", 280_000);
}, 290_000);
afterAll(async () => {
  await demo.interrupt();
}, 60_000);

interface Aggregate {
  readonly total_clients?: number;
  readonly successful_clients?: number;
  readonly outcome?: string;
  readonly results?: readonly { readonly dag_run_id?: string; readonly data?: { readonly state?: string } }[];
}

const ask = async (command: string, runId: string): Promise<{ readonly status: number; readonly body: Aggregate }> => {
  const { method, path: place, headers, body } = parseSeedLine(command, runId);
  const answer = await fetch(`${demo.url}${place}`, { method, headers, ...(body === undefined ? {} : { body }) });
  return { status: answer.status, body: (await answer.json()) as Aggregate };
};

const finished = async (runId: string): Promise<void> => {
  const place =
    'curl "http://localhost:3000/api/disaster-recovery/runs/disaster_recovery_dag_1/$RUN_ID?clients=client1,client3"';
  await expect
    .poll(async () => (await ask(place, runId)).body.results?.map(({ data }) => data?.state), {
      timeout: 150_000,
      interval: 1_000,
    })
    .toEqual(["success", "success"]);
};

/** The guide's last lines show what a client id that names nobody gives. */
const expectedStatus = (command: string): number => (/strict=true|clients=cleint3/.test(command) ? 400 : 200);

describe("make run FLEET=real", () => {
  test("every curl line of the multi-client guide works on Airflow 2.11 and 3.3 together", {
    timeout: 400_000,
  }, async () => {
    expect(commands.length).toBeGreaterThan(15);
    let runId = "";
    for (const command of commands) {
      const { status, body } = await ask(command, runId);
      expect({ command, status }).toEqual({ command, status: expectedStatus(command) });
      // Lines that ask no client have neither an outcome nor a count.
      expect({ command, outcome: body.outcome ?? "ok" }).toEqual({ command, outcome: "ok" });
      expect(body.successful_clients ?? body.total_clients).toBe(body.total_clients);
      if (!command.includes("/disaster-recovery/run/")) continue;
      const ids = body.results?.map((result) => result.dag_run_id) ?? [];
      expect(new Set(ids).size).toBe(1);
      runId = ids[0] ?? "";
      await finished(runId);
    }
  });
});
