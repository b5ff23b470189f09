import { readdirSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { ownGiven, sharedGiven } from "./replay/given.ts";
import {
  createReplayContext,
  readSample,
  type ReplayContext,
  type Reply,
  type Sample,
  samplesOf,
} from "./replay/replay-context.ts";
import { type Comparison, differences, sortKeys, withoutIds } from "./replay/shape.ts";

/** Samples that are not compared, each with its reason. */
const EXCEPTIONS: Readonly<Record<string, string>> = {};

/** Fields whose being null depends on the moment, not on the generation. */
const MAY_BE_NULL = new Set([
  "description",
  "note",
  "pid",
  "end_date",
  "duration",
  "start_date",
  "queued_when",
  "scheduled_when",
]);
/** On lists the first rows are other ones than the recorded. */
const MAY_BE_NULL_IN_LISTS = new Set([
  ...MAY_BE_NULL,
  "logical_date",
  "data_interval_start",
  "data_interval_end",
  "last_scheduling_decision",
  "execution_date",
  "schedule_interval",
  "timetable_summary",
  "state",
  "triggering_user_name",
  "next_dagrun",
  "next_dagrun_create_after",
  "next_dagrun_data_interval_start",
  "next_dagrun_data_interval_end",
  "next_dagrun_logical_date",
  "next_dagrun_run_after",
  "total_entries_limit",
  "next_cursor",
  "extra",
  "doc_md",
  "rendered_map_index",
  "map_index",
  "run_id",
  "task_id",
  "try_number",
]);

const WITHOUT_CREDENTIALS = { authorization: "" };
const HEADERS: Readonly<Record<string, (context: ReplayContext) => Record<string, string>>> = {
  auth_missing: () => WITHOUT_CREDENTIALS,
  auth_wrong_password: () => ({ authorization: `Basic ${Buffer.from("admin:wrong").toString("base64")}` }),
  auth_bearer_not_supported: () => ({ authorization: "Bearer abc" }),
  auth_basic_not_supported: () => ({ authorization: `Basic ${Buffer.from("admin:admin").toString("base64")}` }),
  auth_garbage_token: () => ({ authorization: "Bearer garbage" }),
  auth_tampered_token: () => ({ authorization: "Bearer eyJhbGciOiJIUzUxMiJ9.eyJzdWIiOiJhZG1pbiJ9.x" }),
};

const fileToken = async (context: ReplayContext, dagId: string): Promise<string> => {
  const reply = await context.send("GET", `/dags/${dagId}`);
  return (reply.body as { file_token: string }).file_token;
};

const logToken = async (context: ReplayContext, path: string): Promise<string> => {
  const reply = await context.send("GET", path.replace(/\?.*/, ""), undefined, { accept: "application/json" });
  return (reply.body as { continuation_token: string }).continuation_token;
};

/** Tokens and ids that the server chose are replaced by those of the simulated one. */
const pathOf = async (context: ReplayContext, { request: { path } }: Sample): Promise<string> => {
  if (/^\/(dagSources|parseDagFile)\/\S{30,}/.test(path) && !path.startsWith("/dagSources/t_")) {
    const dagId = path.startsWith("/dagSources") ? "t_ok" : "t_dep1";
    return `${path.split("/").slice(0, 2).join("/")}/${await fileToken(context, dagId)}`;
  }
  if (path.includes("token=eyJ")) {
    const token = await logToken(context, path);
    if (path.includes("/slow/")) context.advance(3);
    return path.replace(/token=.*/, `token=${token}`);
  }
  if (path.includes("/asset_triggered__")) {
    const run = context.instance.world.runs.find((candidate) => candidate.runType === "asset_triggered");
    return path.replace(/asset_triggered__[^/]+/, encodeURIComponent(run?.runId ?? ""));
  }
  return path.replace("/backfills/16/", "/backfills/1/");
};

const replay = async (context: ReplayContext, name: string, sample: Sample): Promise<Reply> => {
  const path = await pathOf(context, sample);
  const { method, body, accept } = sample.request;
  if (name === "auth_expired_token") {
    context.advance(90_000);
  }
  if (name === "parse_dag_file_again") await context.send(method, path);
  const headers = { ...(accept === undefined ? {} : { accept }), ...HEADERS[name]?.(context) };
  const pending = context.send(method, path, body, headers);
  if (name !== "dagrun_wait") return pending;
  // The answer is a stream that goes on with the clock, and this clock only moves when told.
  const progress = { isDone: false };
  void pending.finally(() => {
    progress.isDone = true;
  });
  for (let step = 0; step < 2000 && !progress.isDone; step++) {
    context.advance(0.5);
    await new Promise((resolve) => setImmediate(resolve));
  }
  return pending;
};

const contentTypeOf = (value: string | null | undefined): string | null => value?.split(";")[0]?.trim() ?? null;

/** What is different between a recorded answer and ours; errors have to agree to the letter. */
const complaints = (sample: Sample, reply: Reply, name: string): string[] => {
  const { status, headers, body } = sample.response;
  if (reply.status !== status) return [`recorded ${status}, ours ${reply.status}: ${JSON.stringify(reply.body)}`];
  const [theirType, ourType] = [contentTypeOf(headers["content-type"]), contentTypeOf(reply.contentType)];
  if (theirType !== ourType) return [`recorded ${theirType}, ours ${ourType}`];
  if (status >= 400 && typeof body === "object") {
    const [theirs, ours] = [withoutIds(body), withoutIds(reply.body)].map((value) => JSON.stringify(sortKeys(value)));
    return theirs === ours ? [] : [`recorded ${theirs}, ours ${ours}`];
  }
  if (typeof body === "string") {
    return typeof reply.body === "string" && (reply.body === "") === (body === "")
      ? []
      : ["one body is empty, or no text"];
  }
  const isList = typeof body === "object" && body !== null && "total_entries" in body;
  const comparison: Comparison = { mayBeNull: isList || name.includes("clear") ? MAY_BE_NULL_IN_LISTS : MAY_BE_NULL };
  return differences(body, reply.body, comparison);
};

for (const generation of [2, 3] as const) {
  describe(`Airflow ${generation} as recorded`, () => {
    const names = readdirSync(samplesOf(generation)).map((file) => file.replace(".json", ""));
    const key = (name: string): string => `${generation === 2 ? "v1" : "v2"}/${name}`;
    let shared: ReplayContext;

    beforeAll(async () => {
      shared = await createReplayContext(generation);
      await sharedGiven(shared);
    });
    afterAll(() => shared.close());

    test.each(names.filter((name) => !(key(name) in EXCEPTIONS)))("answers %s in the same form", async (name) => {
      const sample = readSample(generation, name);
      const given = name === "auth_expired_token" ? () => undefined : ownGiven[name];
      const context = given === undefined ? shared : await createReplayContext(generation);
      try {
        await given?.(context);
        expect(complaints(sample, await replay(context, name, sample), name)).toEqual([]);
      } finally {
        if (context !== shared) await context.close();
      }
    });
  });
}

test("leaves out less than a tenth of the samples", () => {
  const total = readdirSync(samplesOf(2)).length + readdirSync(samplesOf(3)).length;
  expect(Object.keys(EXCEPTIONS).length).toBeLessThan(total * 0.1);
});
