import { type DagId, type RunId, type TaskId, toDagId, toRunId, toTaskId } from "@airfleet/model";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { encodeSegment, path } from "../src/api-path.ts";
import { errorOf, givenEngine, startAirflowStub } from "./airflow-stub.ts";

const NASTY = [
  "a?b=c",
  "a#b",
  "a%2Fb",
  "..%2Fconnections",
  "%2e%2e",
  "a+b",
  "a:b",
  "a~b",
  "a b",
  "é漢🚀",
  "a;b=c",
  "a\\b",
  "a&b",
  "'\"<>",
] as const;

describe.each([2, 3] as const)("on Airflow %i", (generation) => {
  const root = generation === 2 ? "/api/v1" : "/api/v2";

  it.each(NASTY)("sends %j as one encoded path segment", async (id) => {
    await using stub = await startAirflowStub(generation);
    await using engine = givenEngine(stub.url);
    const segment = encodeURIComponent(id);
    const [dagId, runId, taskId] = [toDagId(id), toRunId(id), toTaskId(id)] as [DagId, RunId, TaskId];
    const reads: [() => Promise<unknown>, string][] = [
      [() => engine.getDag(dagId), `${root}/dags/${segment}`],
      [() => engine.getDagDetail(dagId), `${root}/dags/${segment}/details`],
      [() => engine.getRun({ dagId, runId }), `${root}/dags/${segment}/dagRuns/${segment}`],
      [
        () => engine.getTaskInstance({ dagId, runId, taskId, mapIndex: 3 }),
        `${root}/dags/${segment}/dagRuns/${segment}/taskInstances/${segment}/3`,
      ],
      [() => engine.setPaused(dagId, true), `${root}/dags/${segment}?update_mask=is_paused`],
      [() => engine.setRunState({ dagId, runId, state: "failed" }), `${root}/dags/${segment}/dagRuns/${segment}`],
    ];
    for (const [call, target] of reads) {
      await errorOf(call());
      expect(stub.calls.map((seen) => seen.target.replace(/(dagRuns\/[^?]*)\?update_mask=state$/, "$1"))).toContain(
        target,
      );
    }
    for (const { target } of stub.calls) expect(target.split("?")[0]?.startsWith(`${root}/dags/${segment}`)).toBe(true);
  });

  it.each([
    "..",
    ".",
    "~",
    "",
    "a/b",
    "af_ok/dagRuns",
    "../connections",
    "a/../b",
    "a\\..\\b",
    "a\r\nX: 1",
    "a\u0000b",
    "\ud800",
  ])("refuses %j before anything is sent", async (id) => {
    await using stub = await startAirflowStub(generation);
    await using engine = givenEngine(stub.url);
    for (const call of [
      () => engine.getDag(toDagId(id)),
      () => engine.setPaused(toDagId(id), true),
      () => engine.getRun({ dagId: toDagId("d"), runId: toRunId(id) }),
      () => engine.readNative?.({ kind: "dag", dagId: toDagId(id) }) ?? Promise.resolve(),
    ]) {
      expect(await errorOf(call())).toMatchObject({ code: "ADDRESS_INVALID" });
    }
    expect(stub.calls).toEqual([]);
  });
});

/** Any text but those that are refused for what they are. */
const ID = fc
  .string({ unit: "grapheme", minLength: 1 })
  .filter((id) => id !== "~" && id.isWellFormed())
  .filter((id) => Array.from(id).every((character) => character >= " " && character !== "\u007f"))
  .filter((id) => !id.split(/[/\\]/).some((part) => part === "." || part === ".."));

it("encodes any text into a segment that decodes to itself and contains no delimiter", () => {
  fc.assert(
    fc.property(ID, (id) => {
      const segment = encodeSegment(id);
      expect(decodeURIComponent(segment)).toBe(id);
      expect(segment).toMatch(/^[A-Za-z0-9\-_.!~*'()%]+$/);
      expect(new URL(`http://h/a/${segment}/b`).pathname).toBe(`/a/${segment}/b`);
    }),
  );
});

it("keeps the ids out of a path's template, so that it can label a metric", () => {
  expect(path`/dags/${"secret"}/dagRuns/${"x"}`.template).toBe("/dags/{}/dagRuns/{}");
});

it("keeps the base path of the configured URL, with or without a slash at its end", async () => {
  await using stub = await startAirflowStub(2, { "*": { body: { version: "2.11.2" } } });
  for (const base of ["/airflow", "/airflow/"]) {
    await using engine = givenEngine(`${stub.url}${base}`);
    await errorOf(engine.getDag(toDagId("d")));
  }
  const targets = new Set(stub.seen.map(({ target }) => target));
  expect(targets).toContain("/airflow/api/v1/version");
  expect([...targets].every((target) => target.startsWith("/airflow/api/"))).toBe(true);
});
