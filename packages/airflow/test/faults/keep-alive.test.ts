import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { toDagId } from "@airfleet/model";
import { expect, it } from "vitest";
import { givenEngine, reply } from "../airflow-stub.ts";
import { sample } from "../sample.ts";

const DAG = sample("v1", "dag_get").response.body;
const dag = toDagId("t_ok");

it("meets no error when the server closes idle connections at its own pace", async () => {
  let requests = 0;
  const server = createServer((request, response) => {
    requests += 1;
    if (request.url?.includes("version"))
      reply(response, request.url.includes("v1") ? 200 : 404, { version: "2.11.2" });
    else reply(response, 200, DAG, { connection: "keep-alive", "keep-alive": "timeout=600" });
  });
  // gunicorn's way: two seconds, and no word about it (here a false one).
  server.keepAliveTimeout = 2_000;
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  await using engine = givenEngine(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  await engine.getDag(dag);
  for (const idleMs of [1_400, 1_500, 1_990, 2_000, 2_010]) {
    await new Promise((resolve) => setTimeout(resolve, idleMs));
    const before = requests;
    await engine.setPaused(dag, false);
    expect(requests).toBe(before + 1);
  }
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
}, 20_000);
