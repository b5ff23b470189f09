import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { Exchange } from "@airfleet/engine";
import { toDagId, toRunId, toTaskId } from "@airfleet/model";
import { expect, it } from "vitest";
import { errorOf, givenEngine, reply } from "./airflow-stub.ts";
import { sample } from "./sample.ts";

interface Invocation {
  readonly Path: string;
  readonly Method: string;
  readonly QueryParameters: Record<string, string | string[]>;
  readonly Body?: unknown;
}
interface Wrapped {
  readonly status: number;
  readonly body: unknown;
  readonly headers?: Record<string, string>;
}

/** The wire protocol of InvokeRestApi: a signed POST that wraps Airflow's answer, or an error of AWS itself. */
const startMwaa = async (answer: (call: Invocation) => Wrapped) => {
  const calls: Invocation[] = [];
  const requests: { url: string; headers: Record<string, unknown> }[] = [];
  const serve = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const call = JSON.parse(Buffer.concat(chunks).toString("utf8")) as Invocation;
    calls.push(call);
    requests.push({ url: request.url ?? "", headers: request.headers });
    const { status, body, headers } = answer(call);
    reply(response, status, body, headers);
  };
  const server = createServer((request, response) => {
    serve(request, response).catch(() => response.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const engine = givenEngine("https://mwaa.example", {
    auth: {
      type: "mwaa",
      environment: "prod env",
      region: "eu-west-1",
      access_key_id: "AKIDEXAMPLE",
      secret_access_key: "wJalrXUtnFEMI/K7MDENG",
      session_token: "sess",
      endpoint,
    },
    headers: { "x-never": "sent" },
  });
  return {
    calls,
    requests,
    engine,
    [Symbol.asyncDispose]: async () => {
      await engine.close();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
};

const ok = (inner: unknown): Wrapped => ({ status: 200, body: { RestApiStatusCode: 200, RestApiResponse: inner } });
const version = (text: string): Wrapped => ok({ version: text, git_version: "" });

it("signs each call for the airflow service and names path, query and body without a root", async () => {
  await using mwaa = await startMwaa(({ Path }) =>
    Path === "/version" ? version("2.10.3") : ok({ dags: [sample("v1", "dag_get").response.body], total_entries: 1 }),
  );
  const page = await mwaa.engine.listDags({ tags: ["x", "y"] });
  expect(page.items[0]).toMatchObject({ dagId: "t_ok" });
  expect(mwaa.requests[0]!.url).toBe("/restapi/prod%20env");
  expect(mwaa.requests[0]!.headers["authorization"]).toMatch(
    /^AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE\/\d{8}\/eu-west-1\/airflow\/aws4_request, SignedHeaders=.*host.*, Signature=[0-9a-f]{64}$/,
  );
  expect(mwaa.requests[0]!.headers).toMatchObject({ "x-amz-security-token": "sess" });
  expect(mwaa.requests[0]!.headers["x-never"]).toBeUndefined();
  expect(mwaa.calls[1]).toEqual({
    Path: "/dags",
    Method: "GET",
    QueryParameters: { limit: "50", offset: "0", order_by: "dag_id", only_active: "false", tags: ["x", "y"] },
  });
  expect(await mwaa.engine.capabilities()).toMatchObject({ pageLimit: 50 });
});

it("speaks v2 to an environment with Airflow 3", async () => {
  const run = { ...(sample("v2", "trigger_ok").response.body as object), dag_run_id: "af-1" };
  await using mwaa = await startMwaa(({ Path }) => (Path === "/version" ? version("3.0.6") : ok(run)));
  await mwaa.engine.trigger({ dagId: toDagId("t_ok"), runId: toRunId("af-1"), conf: {} });
  expect(mwaa.calls[1]).toMatchObject({
    Path: "/dags/t_ok/dagRuns",
    Method: "POST",
    Body: { dag_run_id: "af-1", logical_date: null },
  });
});

it.each(["RestApiClientException", "RestApiServerException"])("takes Airflow's own answer out of %s", async (type) => {
  await using mwaa = await startMwaa(({ Path }) =>
    Path === "/version"
      ? version("2.10.3")
      : {
          status: 400,
          headers: { "x-amzn-errortype": type },
          body: {
            RestApiStatusCode: type === "RestApiClientException" ? 404 : 500,
            RestApiResponse: sample("v1", "dag_404").response.body,
          },
        },
  );
  const code = type === "RestApiClientException" ? "DAG_UNKNOWN" : "AIRFLOW_SERVER_ERROR";
  expect(await errorOf(mwaa.engine.getDag(toDagId("nope")))).toMatchObject({ code });
  // Neither AWS's client nor ours retries these.
  expect(mwaa.calls.filter(({ Path }) => Path !== "/version")).toHaveLength(1);
});

it.each([
  ["RestApiClientException", 404, "DAG_UNKNOWN"],
  ["RestApiServerException", 500, "AIRFLOW_SERVER_ERROR"],
])("keeps Airflow's own answer to a trigger out of %s", async (type, status, code) => {
  const inner = sample("v1", "dag_404").response.body;
  await using mwaa = await startMwaa(({ Path }) =>
    Path === "/version"
      ? version("2.10.3")
      : {
          status: 400,
          headers: { "x-amzn-errortype": type },
          body: { RestApiStatusCode: status, RestApiResponse: inner },
        },
  );
  const exchanges: Exchange[] = [];
  const onExchange = (exchange: Exchange): void => void exchanges.push(exchange);
  const request = { dagId: toDagId("nope"), runId: toRunId("af-1"), conf: { a: 1 } };
  expect(await errorOf(mwaa.engine.trigger(request, { onExchange }))).toMatchObject({ code });
  expect(exchanges[0]).toMatchObject({ method: "POST", path: "/dags/nope/dagRuns", status, body: { conf: { a: 1 } } });
  expect(JSON.parse(exchanges[0]!.answer ?? "")).toEqual(inner);
});

it.each([
  ["AccessDeniedException", 403, "INSTANCE_CREDENTIALS_REFUSED"],
  ["ExpiredTokenException", 400, "INSTANCE_CREDENTIALS_REFUSED"],
  ["ResourceNotFoundException", 404, "AIRFLOW_ANSWER_INVALID"],
  ["ValidationException", 400, "AIRFLOW_ANSWER_INVALID"],
  ["InternalServerException", 500, "AIRFLOW_SERVER_ERROR"],
])("never takes AWS's own %s for an answer of Airflow", async (type, status, code) => {
  await using mwaa = await startMwaa(({ Path }) =>
    Path === "/version"
      ? version("2.10.3")
      : { status, headers: { "x-amzn-errortype": `${type}:http://internal` }, body: { message: "said AWS" } },
  );
  await mwaa.engine.capabilities();
  expect(await errorOf(mwaa.engine.getDag(toDagId("d")))).toMatchObject({ code });
});

it("retries throttling in our layer only, three tries in all", async () => {
  let throttled = 0;
  await using mwaa = await startMwaa(({ Path }) => {
    if (Path === "/version") return version("2.10.3");
    throttled += 1;
    if (throttled < 3)
      return { status: 400, headers: { "x-amzn-errortype": "ThrottlingException" }, body: { message: "slow down" } };
    return ok(sample("v1", "dag_get").response.body);
  });
  expect(await mwaa.engine.getDag(toDagId("t_ok"))).toMatchObject({ dagId: "t_ok" });
  expect(throttled).toBe(3);
});

it("reads an Airflow 2 log from its print, since no header can ask for text", async () => {
  const recorded = sample("v1", "logs_json").response.body as { continuation_token: string };
  const end = { content: "[('worker-1', '')]", continuation_token: recorded.continuation_token };
  await using mwaa = await startMwaa(({ Path, QueryParameters }) =>
    Path === "/version" ? version("2.10.3") : ok("token" in QueryParameters ? end : recorded),
  );
  const task = {
    dagId: toDagId("d"),
    runId: toRunId("manual__2026-01-01T00:00:00+00:00"),
    taskId: toTaskId("t"),
    mapIndex: -1,
  };
  const lines: string[] = [];
  for await (const { text } of mwaa.engine.readLog({ ...task, tryNumber: 1 })) lines.push(text);
  expect(lines[0]).toBe("::group::Log message source details");
  expect(lines).toContain("plain stdout line");
  expect(mwaa.calls[1]!.Path).toBe("/dags/d/dagRuns/manual__2026-01-01T00%3A00%3A00%2B00%3A00/taskInstances/t/logs/1");
});

it("passes a source on that comes as text", async () => {
  await using mwaa = await startMwaa(({ Path }) => {
    if (Path === "/version") return version("2.10.3");
    return ok(Path.startsWith("/dagSources/") ? "print('hé')\n" : sample("v1", "dag_get").response.body);
  });
  expect(await mwaa.engine.getDagSource(toDagId("t_ok"))).toBe("print('hé')\n");
});
