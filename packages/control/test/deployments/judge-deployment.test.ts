import { AirfleetError, type Dag, toDagId, toInstanceId } from "@airfleet/model";
import type { StoredDeployment } from "@airfleet/store";
import { describe, expect, it } from "vitest";
import { estimateScan } from "../../src/deployments/estimate-scan.ts";
import {
  judgeDeployment,
  judgeSilence,
  type Look,
  wantsDetail,
  wantsNudge,
} from "../../src/deployments/judge-deployment.ts";
import { findImportError, mapImportError } from "../../src/deployments/map-import-error.ts";

const NOW = 1_800_000_000_000;
const HASH = "a".repeat(64);
const deployment = (changes: Partial<StoredDeployment> = {}): StoredDeployment => ({
  id: "dpl_1",
  pipelineId: "p",
  revision: 2,
  planHash: "plan",
  artifactId: "art_1",
  artifactHash: HASH,
  instance: toInstanceId("eu"),
  dagId: toDagId("pipeline_p"),
  generation: 2,
  state: "written",
  origin: "deploy",
  requestedBy: "local",
  isNew: false,
  tasksChanged: false,
  stateTimes: { pending: NOW - 2_000, written: NOW - 1_000 },
  error: null,
  target: "folder /dags",
  targetRevision: null,
  progress: { parsedAt: "2026-01-01T00:00:00Z", erredAt: null, reads: 0, nudgedAt: null, looks: 0, tries: 0 },
  dueAt: NOW,
  rowVersion: 3,
  createdAt: NOW - 2_000,
  changedAt: NOW - 1_000,
  ...changes,
});
const dag = (lastParsedAt: string | null): Dag =>
  ({ dagId: toDagId("pipeline_p"), lastParsedAt, isPaused: false, isStale: false, hasImportErrors: false }) as Dag;
const look = (changes: Partial<Look> = {}): Look => ({
  now: NOW,
  generation: 3,
  isCostly: false,
  dag: dag("2026-01-01T00:00:00Z"),
  docMd: undefined,
  importError: null,
  nudged: false,
  scan: { seconds: 30, text: "it scans every 30 s" },
  ...changes,
});

const parsed = (reads: number) => deployment({ state: "parsed", progress: { ...deployment().progress, reads } });
const nudgedAt = (at: number) => deployment({ progress: { ...deployment().progress, nudgedAt: at } });
const trace = (line: number, last: string, file = "/opt/dags/airfleet/pipeline_p.py"): string =>
  `Traceback (most recent call last):\n  File "${file}", line ${line}, in <module>\n    x = transform(\n  File "/site-packages/airflow/models/baseoperator.py", line 900, in __init__\n    validate_key(task_id)\n${last}\n`;
const one = (file: string) => ({ id: "1", file, bundle: null, stackTrace: "", at: null });

describe("a deployment whose file is written", () => {
  it("stays written while the engine has read nothing since, and costs no details", () => {
    expect(wantsDetail(deployment(), dag("2026-01-01T00:00:00Z"))).toBe(false);
    expect(judgeDeployment(deployment(), look())).toMatchObject({ state: "written", error: null, dueAt: NOW + 500 });
  });

  it("is parsed, not live, when the parse moved but another hash is served: times prove nothing", () => {
    const moved = dag("2026-01-01T00:00:30Z");
    expect(wantsDetail(deployment(), moved)).toBe(true);
    const news = judgeDeployment(deployment(), look({ dag: moved, docMd: `artifact \`${"b".repeat(64)}\`` }));
    expect(news).toMatchObject({ state: "parsed", progress: { parsedAt: "2026-01-01T00:00:30Z", reads: 1 } });
  });

  it("is read a few times after each parse, and not for ever", () => {
    expect([1, 4, 5].map((reads) => wantsDetail(parsed(reads), dag("2026-01-01T00:00:00Z")))).toEqual([
      true,
      true,
      false,
    ]);
  });

  it("is live once its hash is served, and triggerable at once where no cache is in the way", () => {
    const docMd = `Orders\n\nartifact \`${HASH}\`.`;
    const fresh = judgeDeployment(deployment({ tasksChanged: true }), look({ docMd }));
    expect(fresh).toMatchObject({ state: "live", error: null, dueAt: NOW });
    const live = deployment({
      state: "live",
      tasksChanged: true,
      stateTimes: { written: NOW - 9_000, live: NOW - 10 },
    });
    expect(judgeDeployment(live, look())).toMatchObject({ state: "triggerable", dueAt: null });
  });

  it("waits eleven seconds on Airflow 2 where its tasks changed, and only there", () => {
    const docMd = HASH;
    const first = judgeDeployment(deployment({ tasksChanged: true }), look({ docMd, generation: 2 }));
    expect(first).toMatchObject({ state: "live", dueAt: NOW + 11_000 });
    const same = judgeDeployment(deployment(), look({ docMd, generation: 2 }));
    expect(same).toMatchObject({ state: "live", dueAt: NOW });
    const waiting = deployment({ state: "live", tasksChanged: true, stateTimes: { live: NOW - 10_999 } });
    expect(judgeDeployment(waiting, look({ generation: 2 }))).toMatchObject({ state: "live" });
    const waited = deployment({ state: "live", tasksChanged: true, stateTimes: { live: NOW - 11_000 } });
    expect(judgeDeployment(waited, look({ generation: 2 }))).toMatchObject({ state: "triggerable" });
  });

  it("is broken with the place of the mistake, and live when that mends", () => {
    const importError = { code: "DEPLOYMENT_IMPORT_FAILED", message: "m", node: "n", field: null, line: 9 };
    const broken = judgeDeployment(deployment(), look({ importError }));
    expect(broken).toMatchObject({ state: "broken", error: importError });
    expect(broken.dueAt).toBeGreaterThan(NOW);
    const mended = judgeDeployment(deployment({ state: "broken" }), look({ docMd: HASH, importError }));
    expect(mended).toMatchObject({ state: "live", error: null });
  });

  it("says that it is late, with the interval, and goes on waiting", () => {
    const old = deployment({ stateTimes: { written: NOW - 700_000 } });
    const scan = { seconds: 300, text: "an Airflow as it is shipped scans every 300 s" };
    const news = judgeDeployment(old, look({ dag: undefined, scan }));
    expect(news).toMatchObject({ state: "written", error: { code: "DEPLOYMENT_NOT_SEEN" }, dueAt: NOW + 30_000 });
    expect(news.error?.message).toContain("scans every 300 s");
    const early = deployment({ stateTimes: { written: NOW - 500_000 } });
    expect(judgeDeployment(early, look({ dag: undefined, scan })).error).toBeNull();
  });

  it("is nudged again only after thirty seconds: sooner changes nothing", () => {
    expect([null, NOW - 29_999, NOW - 30_000].map((at) => wantsNudge(nudgedAt(at as number), NOW))).toEqual([
      true,
      false,
      true,
    ]);
  });

  it("is unverified after a minute of silence, at once where the engine can never say", () => {
    const gone = new AirfleetError("INSTANCE_UNREACHABLE", { instance: "eu", url: "http://x", reason: "refused" });
    const ask = { error: gone, now: NOW, isCostly: false };
    expect(judgeSilence(deployment(), ask).state).toBeUndefined();
    expect(judgeSilence(deployment({ stateTimes: { written: NOW - 61_000 } }), ask)).toMatchObject({
      state: "unverified",
    });
    const never = new AirfleetError("CAPABILITY_MISSING", { instance: "eu", version: "1", ability: "x", hint: "y" });
    expect(judgeSilence(deployment(), { ...ask, error: never })).toMatchObject({ state: "unverified", dueAt: null });
  });
});

describe("an import error", () => {
  const artifact = {
    fileName: "pipeline_p.py",
    body: `${"\n".repeat(32)}        task_id="not a key!",\n`,
    lines: [
      { line: 20, node: "read" },
      { line: 30, node: "keep" },
      { line: 40, node: null },
    ],
  };

  it.each([
    [12, null],
    [20, "read"],
    [29, "read"],
    [33, "keep"],
    [41, null],
  ])("at line %i belongs to node %s", (line, node) => {
    const mapped = mapImportError({ stackTrace: trace(line, "AirflowException: bad") }, artifact, deployment());
    expect(mapped).toMatchObject({ code: "DEPLOYMENT_IMPORT_FAILED", node, line });
  });

  it("is mapped by what it quotes where the trace ends in the engine's own files", () => {
    const stackTrace = `  File "/airflow/helpers.py", line 60, in validate_key\nAirflowException: The key 'not a key!' has to be made of letters\n`;
    expect(mapImportError({ stackTrace }, artifact, deployment())).toMatchObject({ node: "keep", line: 33 });
    const other = stackTrace.replace("not a key!", "nowhere");
    expect(mapImportError({ stackTrace: other }, artifact, deployment())).toMatchObject({ node: null, line: null });
  });

  it("names the field that the message is about, and keeps the engine's own words", () => {
    const { field, message } = mapImportError(
      { stackTrace: trace(30, "ValueError: no pool 'x'") },
      artifact,
      deployment(),
    );
    expect(field).toBe("pool");
    expect(message).toContain("ValueError: no pool 'x'");
  });

  it("is found by the file's name, absolute or relative, and no other's", () => {
    expect(findImportError([one("airfleet/pipeline_p.py")], artifact)).toBeDefined();
    expect(findImportError([one("/dags/pipeline_p.py")], artifact)).toBeDefined();
    expect(findImportError([one("/dags/my_pipeline_p.py"), one("pipeline_q.py")], artifact)).toBeUndefined();
  });
});

describe("the estimate of a wait", () => {
  it("prefers what is configured, then what was learned, then what is shipped, and says which", () => {
    const facts = { deploy: undefined, isNew: true, waits: [], canNudge: false };
    expect(estimateScan({ ...facts, deploy: { scan_seconds: 60 }, waits: [1] })).toMatchObject({
      seconds: 60,
      source: "configured",
    });
    expect(estimateScan({ ...facts, waits: [9_000, 1_000, 4_200] })).toMatchObject({ seconds: 5, source: "learned" });
    expect(estimateScan(facts)).toMatchObject({ seconds: 300, source: "shipped" });
    expect(estimateScan({ ...facts, isNew: false })).toMatchObject({ seconds: 30, source: "shipped" });
    expect(estimateScan({ ...facts, isNew: false, canNudge: true })).toMatchObject({ seconds: 5, source: "nudged" });
  });
});
