import { AirfleetError } from "@airfleet/model";
import { expect, test } from "vitest";
import { memoryLogger } from "./support/serve.ts";

const logged = (err: unknown): { readonly err: Readonly<Record<string, unknown>> } => {
  const log: string[] = [];
  memoryLogger(log).warn({ err }, "m");
  return JSON.parse(log[0] ?? "") as { err: Record<string, unknown> };
};

const facts = { instance: "eu", url: "http://x", reason: "Connection refused", sent: false };

test("an instance in trouble is a line with code, message and the socket's words, not a stack", () => {
  const cause = new Error("connect ECONNREFUSED 127.0.0.1:1");
  const { err } = logged(new AirfleetError("INSTANCE_UNREACHABLE", facts, { cause }));
  expect(err).toMatchObject({
    code: "INSTANCE_UNREACHABLE",
    cause: { type: "Error", message: "connect ECONNREFUSED 127.0.0.1:1" },
  });
  expect(JSON.stringify(err)).not.toContain("stack");
});

test("a defect of ours keeps its place in the code", () => {
  expect(logged(new TypeError("boom")).err.stack).toContain("logging.test.ts");
  const { err } = logged(new AirfleetError("INTERNAL", { request_id: "r" }, { cause: new TypeError("boom") }));
  expect(err).toMatchObject({ stack: expect.any(String), cause: { stack: expect.any(String) } });
});
