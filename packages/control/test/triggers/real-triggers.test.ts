import { randomBytes } from "node:crypto";
import { createAirflowEngine } from "@airfleet/airflow";
import { FIXTURES } from "@airfleet/engine";
import { resolveInstanceConfig, toDagId } from "@airfleet/model";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { takeAirflow } from "../../../airflow/test/conformance/instance-under-trial.ts";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { openStore, type Store } from "@airfleet/store";
import { type Control, createControl, type TriggerAsk, type TriggerTicket } from "../../src/index.ts";
import { actor, fromFile } from "../fleet-fixture.ts";

const WITHIN_MS = 120_000;
let airflows: Awaited<ReturnType<typeof takeAirflow>>[] = [];
let store: Store;
let control: Control;
let dataDir: string;

beforeAll(async () => {
  airflows = [await takeAirflow(2), await takeAirflow(3)];
  dataDir = await mkdtemp(path.join(tmpdir(), "airfleet-real-triggers-"));
  store = await openStore({ dataDir });
  control = await createControl({
    store,
    createEngine: (config) => createAirflowEngine({ config }),
    loadInstances: () =>
      Promise.resolve(
        airflows.map(({ generation, url, username, password }) =>
          fromFile({ id: `real${generation}`, url, auth: { type: "basic", username, password } }),
        ),
      ),
    resolveSecrets: (config) => resolveInstanceConfig(config, () => ""),
    settings: { poll: false },
  });
  control.startReconcilers();
});
afterAll(async () => {
  await control.close({ drainMs: 1_000 });
  await store.close();
  await rm(dataDir, { recursive: true, force: true });
  for (const airflow of airflows) await airflow[Symbol.asyncDispose]();
});

const both: TriggerAsk = { instances: ["real2", "real3"], dagId: FIXTURES.ok, conf: {} };
const unique = (): string => randomBytes(5).toString("hex");
const ask = async (changes: Partial<TriggerAsk>, key?: string): Promise<TriggerTicket> => {
  const terms = { actor, body: changes, ...(key === undefined ? {} : { key }) };
  const ticket = await control.triggers.request({ ...both, ...changes }, terms);
  return control.triggers.settle(ticket, { goal: "accepted", withinMs: WITHIN_MS });
};
const endsOf = ({ triggers }: TriggerTicket) => triggers.map(({ state, error }) => [state, error?.code ?? null]);

describe("triggers on a real Airflow 2 and a real Airflow 3 together", () => {
  it("have one run id for one key, and a repeated key answers the same triggers", async () => {
    const key = unique();
    const first = await ask({ conf: { api_token: "canary" } }, key);
    expect(endsOf(first)).toEqual([
      ["accepted", null],
      ["accepted", null],
    ]);
    expect(new Set(first.triggers.map(({ runId }) => runId)).size).toBe(1);
    const again = await ask({ conf: { api_token: "canary" } }, key);
    expect(again).toMatchObject({ isReplay: true, requestId: first.requestId });
    for (const trigger of first.triggers) {
      const attempts = await control.triggers.attempts(trigger);
      expect(attempts.map(({ method, status }) => [method, status])).toEqual([["POST", 200]]);
      expect(attempts[0]?.answer).toContain(trigger.runId);
      expect(JSON.stringify(attempts)).not.toContain("canary");
    }
  });

  it("tell both kinds of 409 apart: a date that is taken, and a foreign run under the id", async () => {
    // A minute of its own, so that other suites on the same engines do not meet it.
    const logicalDate = new Date(Date.UTC(2024, 0, 2) + Number.parseInt(unique().slice(0, 7), 16)).toISOString();
    expect(endsOf(await ask({ logicalDate }))).toEqual([
      ["accepted", null],
      ["accepted", null],
    ]);
    expect(endsOf(await ask({ logicalDate }))).toEqual([
      ["rejected", "LOGICAL_DATE_TAKEN"],
      ["rejected", "LOGICAL_DATE_TAKEN"],
    ]);
    const runId = `af_${unique()}`;
    await ask({ runId, conf: { n: 1 } });
    const foreign = await ask({ runId, conf: { n: 2 } });
    expect(endsOf(foreign)).toEqual([
      ["rejected", "RUN_ID_TAKEN"],
      ["rejected", "RUN_ID_TAKEN"],
    ]);
    const [two] = foreign.triggers;
    const statuses = (await control.triggers.attempts(two ?? foreign.triggers[0])).map(({ status }) => status);
    expect(statuses).toEqual([409, 200]);
  });

  it("are rejected for a DAG that neither has, with the answers kept", async () => {
    const unknown = await ask({ dagId: toDagId(`nope_${unique()}`) });
    expect(endsOf(unknown)).toEqual([
      ["rejected", "DAG_UNKNOWN"],
      ["rejected", "DAG_UNKNOWN"],
    ]);
    for (const trigger of unknown.triggers) {
      expect((await control.triggers.attempts(trigger))[0]).toMatchObject({ method: "POST", status: 404 });
    }
  });

  it("have ids of a prefix that both take", async () => {
    const { triggers } = await ask({ runIdPrefix: `cinco__ark:/${unique()}`, mapSlashes: true });
    expect(triggers.map(({ state }) => state)).toEqual(["accepted", "accepted"]);
    expect(triggers[0]?.runId).toMatch(/^cinco__ark::[0-9a-f]+__\d{4}-.*\+00:00$/);
  });
});
