import { type Exchange, EXCHANGE_ANSWER_LIMIT, type TriggerRequest } from "@airfleet/engine";
import { toDagId, toRunId } from "@airfleet/model";
import { expect, it } from "vitest";
import { errorOf, givenEngine, startAirflowStub } from "./airflow-stub.ts";
import { sample } from "./sample.ts";

const POST = "POST /dags/t_ok/dagRuns";
const GET = "GET /dags/t_ok/dagRuns/af-1";
const request: TriggerRequest = { dagId: toDagId("t_ok"), runId: toRunId("af-1"), conf: { a: 1 } };
const run = { ...(sample("v2", "trigger_ok").response.body as object), dag_run_id: "af-1", conf: { a: 1 } };

const collect = () => {
  const exchanges: Exchange[] = [];
  return { exchanges, options: { onExchange: (exchange: Exchange) => void exchanges.push(exchange) } };
};

it("tells of a trigger what was sent and the whole answer", async () => {
  await using stub = await startAirflowStub(3, { [POST]: { body: run } });
  await using engine = givenEngine(stub.url);
  const { exchanges, options } = collect();
  await engine.trigger(request, options);
  expect(exchanges).toHaveLength(1);
  expect(exchanges[0]).toMatchObject({
    method: "POST",
    path: "/api/v2/dags/t_ok/dagRuns",
    body: { dag_run_id: "af-1", conf: { a: 1 }, logical_date: null },
    status: 200,
    isCut: false,
    failure: null,
  });
  // The stub's user is our own: its name is taken out like every credential.
  expect(JSON.parse(exchanges[0]!.answer ?? "")).toEqual({ ...run, triggering_user_name: "***" });
  expect(exchanges[0]!.durationMs).toBeGreaterThan(0);
});

it("tells of refusals, of lost answers and of the looking afterwards", async () => {
  await using stub = await startAirflowStub(3, {
    [POST]: [(_seen, response) => void response.destroy(), { status: 409, body: { detail: "taken" } }],
    [GET]: [{ status: 404, body: { detail: "not found" } }, { body: run }],
  });
  await using engine = givenEngine(stub.url);
  const { exchanges, options } = collect();
  await engine.trigger(request, options);
  expect(exchanges.map(({ method, status, failure }) => [method, status, failure])).toEqual([
    ["POST", null, "reset"],
    ["GET", 404, null],
    ["POST", 409, null],
    ["GET", 200, null],
  ]);
  expect(exchanges[2]!.answer).toBe('{"detail":"taken"}');
});

it("takes our credentials out of answers that echo them, and cuts what is too long", async () => {
  const echo = `${"x".repeat(EXCHANGE_ANSWER_LIMIT)} canary-password`;
  await using stub = await startAirflowStub(3, {
    [POST]: [
      { status: 422, body: { detail: "you sent canary-password" } },
      { status: 422, body: { detail: echo } },
    ],
  });
  await using engine = givenEngine(stub.url, { auth: { type: "basic", username: "ada", password: "canary-password" } });
  const { exchanges, options } = collect();
  for (const _ of [1, 2]) await errorOf(engine.trigger(request, options));
  const posts = exchanges.filter(({ method }) => method === "POST");
  expect(posts[0]!.answer).toBe('{"detail":"you sent ***"}');
  expect(posts[1]).toMatchObject({ isCut: true });
  expect(posts[1]!.answer).toHaveLength(EXCHANGE_ANSWER_LIMIT);
  expect(JSON.stringify(exchanges)).not.toContain("canary");
});

it("tells nobody of calls that nobody asked to be told of", async () => {
  await using stub = await startAirflowStub(3, { [POST]: { body: run } });
  await using engine = givenEngine(stub.url);
  expect(await engine.trigger(request)).toMatchObject({ created: true });
});
