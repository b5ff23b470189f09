import { request } from "node:http";
import type { LogLine } from "@airfleet/model";
import { AirfleetError } from "@airfleet/model";
import { afterEach, expect, test } from "vitest";
import { createFakeControl } from "./support/fake-control.ts";
import { serveForTest, type TestServer } from "./support/serve.ts";

const PATH = "/api/v1/instances/client1/dags/d/runs/r/tasks/t/logs";
let server: TestServer;
afterEach(() => server.running.close());

const serveLog = async (log: (signal?: AbortSignal) => AsyncIterable<LogLine>): Promise<TestServer> => {
  const { control } = createFakeControl();
  server = await serveForTest({
    ...control,
    logs: {
      ...control.logs,
      open: async (_wish, signal) => ({ source: "live", archivedAt: null, tryNumber: null, lines: log(signal) }),
    },
  });
  return server;
};
const line = (text: string): LogLine => ({ at: null, level: null, source: null, text });

test("what is wrong before the first line is a problem", async () => {
  await serveLog(async function* fail() {
    yield* [];
    throw new AirfleetError("LOG_UNAVAILABLE", {
      task_id: "t",
      try_number: 1,
      dag_id: "d",
      run_id: "r",
      reason: "gone",
    });
  });
  const answer = await server.get(PATH);
  expect([answer.status, (await answer.json()) as unknown]).toEqual([
    404,
    expect.objectContaining({ code: "LOG_UNAVAILABLE" }),
  ]);
});

test("a log that breaks off ends the answer visibly", async () => {
  const begun = Promise.withResolvers<void>();
  await serveLog(async function* half() {
    yield line("one");
    await begun.promise;
    throw new AirfleetError("INSTANCE_UNREACHABLE", { instance: "client1", url: "x", reason: "reset" });
  });
  const answer = await server.get(PATH);
  expect(answer.status).toBe(200);
  begun.resolve();
  await expect(answer.text()).rejects.toMatchObject({ message: "terminated" });
});

test("a line that is there reaches a follower before the next one comes", async () => {
  const more = Promise.withResolvers<void>();
  await serveLog(async function* slow() {
    yield line("first");
    await more.promise;
    yield line("second");
  });
  const answer = await server.get(`${PATH}?follow=true`);
  const reader = answer.body!.pipeThrough(new TextDecoderStream()).getReader();
  expect((await reader.read()).value).toContain("first");
  more.resolve();
  expect((await reader.read()).value).toContain("second");
});

test("a caller who leaves ends the reading", async () => {
  const ended = Promise.withResolvers<void>();
  await serveLog(async function* endless(signal) {
    try {
      for (let index = 0; ; index += 1) {
        yield line(`line ${index}`);
        await new Promise<void>((resolve) => {
          const timer = setTimeout(resolve, 5);
          signal?.addEventListener("abort", () => {
            clearTimeout(timer);
            resolve();
          });
        });
        if (signal?.aborted === true) return;
      }
    } finally {
      ended.resolve();
    }
  });
  const leaving = new AbortController();
  const answer = await fetch(`${server.url}${PATH}`, { signal: leaving.signal });
  const reader = answer.body!.getReader();
  await reader.read();
  leaving.abort();
  await expect(ended.promise).resolves.toBeUndefined();
});

test("lines are read no faster than the caller takes them", async () => {
  let produced = 0;
  await serveLog(async function* flood() {
    const text = "x".repeat(1_000);
    for (; produced < 100_000; produced += 1) yield line(text);
  });
  const paused = await new Promise<import("node:http").IncomingMessage>((resolve, reject) => {
    request(`${server.url}${PATH}`, resolve).on("error", reject).end();
  });
  paused.pause();
  let before = -1;
  while (before !== produced) {
    before = produced;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  expect(produced).toBeLessThan(50_000);
  paused.destroy();
});
