import { createServer } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import { toDagId } from "@airfleet/model";
import { Pool } from "undici";
import { expect, it } from "vitest";
import { errorOf, givenEngine, reply } from "../airflow-stub.ts";
import { sample } from "../sample.ts";

/** gunicorn's idle time is 2 s, uvicorn's 5 s; a little less, for a request that crosses the server's close on its way. */
const IDLE_MS = { 2: 1_900, 3: 4_900 } as const;

/**
 * A server at the moment of its idle close, held still: a request on a connection that was idle for so long is met by a
 * reset, as when it crosses the close on the wire. It says nothing true about its idle time, as gunicorn does.
 */
const startClosingServer = async (generation: 2 | 3) => {
  const answeredAt = new WeakMap<Socket, number>();
  let faults = 0;
  const root = generation === 2 ? "/api/v1" : "/api/v2";
  const server = createServer((request, response) => {
    const { socket } = request;
    if (Date.now() - (answeredAt.get(socket) ?? Date.now()) > IDLE_MS[generation]) {
      faults += 1;
      socket.resetAndDestroy();
      return;
    }
    response.on("finish", () => answeredAt.set(socket, Date.now()));
    const headers = { "keep-alive": "timeout=600" };
    const version = { version: generation === 2 ? "2.11.2" : "3.3.2" };
    if (request.url?.endsWith("/version")) reply(response, request.url.startsWith(root) ? 200 : 404, version, headers);
    else if (request.url === "/auth/token") reply(response, 201, { access_token: "t" }, headers);
    else reply(response, 200, sample(generation === 2 ? "v1" : "v2", "dag_get").response.body, headers);
  });
  server.keepAliveTimeout = 60_000;
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    faults: () => faults,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
};

it.each([2, 3] as const)(
  "a write after an idle time never meets the server's close, on Airflow %i",
  async (generation) => {
    await using server = await startClosingServer(generation);
    await using engine = givenEngine(server.url);
    const careless = new Pool(server.url, { keepAliveTimeout: 60_000 });
    const dag = toDagId("t_ok");
    const ask = async (): Promise<void> => {
      const { body } = await careless.request({ method: "PATCH", path: "/x" });
      await body.dump();
    };
    await engine.setPaused(dag, false);
    await ask();
    for (const extraMs of [20, 60]) {
      await new Promise((resolve) => setTimeout(resolve, IDLE_MS[generation] + extraMs));
      await engine.setPaused(dag, false);
    }
    expect(server.faults()).toBe(0);
    // The fault is real: a client with a longer idle time runs into it.
    await errorOf(ask());
    expect(server.faults()).toBe(1);
    await careless.close();
  },
  30_000,
);
