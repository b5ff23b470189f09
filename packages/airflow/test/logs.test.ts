import { systemClock } from "@airfleet/http";
import type { LogRequest } from "@airfleet/engine";
import { type LogLine, toDagId, toRunId, toTaskId } from "@airfleet/model";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseHostLogs } from "../src/logs/python-repr.ts";
import { parseStructuredLine } from "../src/logs/structured-line.ts";
import { parseTextLine, splitLines } from "../src/logs/text-line.ts";
import { errorOf, givenEngine, reply, startAirflowStub } from "./airflow-stub.ts";
import { sample } from "./sample.ts";

const request: LogRequest = {
  dagId: toDagId("d"),
  runId: toRunId("r"),
  taskId: toTaskId("t"),
  mapIndex: -1,
  tryNumber: 1,
};
const TASK = "GET /dags/d/dagRuns/r/taskInstances/t";
const LOG = `${TASK}/logs/1`;

const collect = async (lines: AsyncIterable<LogLine>): Promise<LogLine[]> => {
  const all: LogLine[] = [];
  for await (const line of lines) all.push(line);
  return all;
};
const asText =
  (body: unknown, contentType = "text/plain") =>
  (_seen: unknown, response: Parameters<typeof reply>[0]) =>
    reply(response, 200, body, { "content-type": contentType });

/** Python's repr of a text, as CPython writes it. */
const pythonRepr = (text: string): string => {
  const quote = text.includes("'") && !text.includes('"') ? '"' : "'";
  let inner = "";
  for (const character of text) {
    const code = character.codePointAt(0)!;
    if (character === "\\" || character === quote) inner += `\\${character}`;
    else if (character === "\n") inner += "\\n";
    else if (character === "\r") inner += "\\r";
    else if (character === "\t") inner += "\\t";
    else if (code < 0x20 || (code >= 0x7f && code <= 0xa0)) inner += `\\x${code.toString(16).padStart(2, "0")}`;
    else if (code > 0xffff && code % 2 === 0) inner += `\\U${code.toString(16).padStart(8, "0")}`;
    else if (code > 0xff && code % 2 === 0)
      inner += `\\u${code.toString(16).padStart(4, "0")}`.slice(0, code > 0xffff ? 0 : 6) || character;
    else inner += character;
  }
  return `${quote}${inner}${quote}`;
};

describe("Airflow 2's print of host logs", () => {
  it("is read back whatever the text", () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.string(), fc.string({ unit: "grapheme" }))), (pairs) => {
        const repr = `[${pairs.map(([host, text]) => `(${pythonRepr(host)}, ${pythonRepr(text)})`).join(", ")}]`;
        expect(parseHostLogs(repr)).toEqual(pairs.map(([host, text]) => ({ host, text })));
      }),
    );
  });

  it.each(["", "plain text", "[", "[('a', 'b')", "[('a')]", "[('a', 'b'), ]x", "[('a', 5)]", "[('a' 'b')]"])(
    "is not seen in %j",
    (text) => {
      expect(parseHostLogs(text)).toBeNull();
    },
  );

  it.each(["logs_json", "logs_json_full", "logs_mapped", "logs_running_json", "logs_json_continuation"])(
    "is read from the recorded %s",
    (name) => {
      const { content } = sample("v1", name).response.body as { content: string };
      const logs = parseHostLogs(content);
      expect(logs).not.toBeNull();
      expect(logs![0]!.host).toBe("worker-1.example.internal");
      expect(logs![0]!.text).not.toContain("\\n");
    },
  );

  it("takes time that grows with the text and not faster", () => {
    const text = `[('h', '${"a\\n\\'".repeat(300_000)}')]`;
    const startedAt = performance.now();
    expect(parseHostLogs(text)![0]!.text).toHaveLength(900_000);
    expect(performance.now() - startedAt).toBeLessThan(1_500);
  });
});

describe("lines", () => {
  it.each([
    [
      "[2026-11-20T12:23:43.511+0000] {local_task_job_runner.py:123} INFO - ::group::Pre",
      { at: "2026-11-20T12:23:43.511Z", level: "info", source: "local_task_job_runner.py:123", text: "::group::Pre" },
    ],
    [
      "[2026-11-20T14:23:43.511+0200] {t.py:1} ERROR - \u001b[31mred\u001b[0m - more",
      { at: "2026-11-20T12:23:43.511Z", level: "error", source: "t.py:1", text: "\u001b[31mred\u001b[0m - more" },
    ],
    [" INFO - ::endgroup::", { at: null, level: "info", source: null, text: "::endgroup::" }],
    [
      "Traceback (most recent call last):",
      { at: null, level: null, source: null, text: "Traceback (most recent call last):" },
    ],
    ["HELLO - WORLD", { at: null, level: null, source: null, text: "HELLO - WORLD" }],
    ["", { at: null, level: null, source: null, text: "" }],
  ])("of Airflow 2: %j", (line, parsed) => {
    expect(parseTextLine(line)).toEqual(parsed);
  });

  it("of Airflow 3 show an exception as Python prints it, its cause first", () => {
    const frames = [{ filename: "/a.py", lineno: 3, name: "f" }];
    const lines = parseStructuredLine({
      timestamp: "2026-11-20T12:23:43.5Z",
      event: "Task failed",
      level: "error",
      logger: "task",
      error_detail: [
        { exc_type: "RuntimeError", exc_value: "two\nlines", exc_notes: ["a note"], is_cause: false, frames },
        { exc_type: "KeyError", exc_value: "'x'", is_cause: true, frames },
      ],
    });
    expect(lines.map(({ text }) => text)).toEqual([
      "Task failed",
      "Traceback (most recent call last):",
      '  File "/a.py", line 3, in f',
      "KeyError: 'x'",
      "",
      "The above exception was the direct cause of the following exception:",
      "",
      "Traceback (most recent call last):",
      '  File "/a.py", line 3, in f',
      "RuntimeError: two",
      "lines",
      "a note",
    ]);
    expect(new Set(lines.map(({ level, at, source }) => `${level} ${at} ${source}`)).size).toBe(1);
  });

  it.each([
    ["a bare text", { at: null, level: null, source: null, text: "a bare text" }],
    [
      { event: "e", filename: "f.py", lineno: 2, level: "WARN" },
      { at: null, level: "warning", source: "f.py:2", text: "e" },
    ],
    [{ event: { a: 1 } }, { at: null, level: null, source: null, text: '{"a":1}' }],
    [42, { at: null, level: null, source: null, text: "42" }],
  ])("of Airflow 3 in a strange shape are shown all the same: %j", (entry, line) => {
    expect(parseStructuredLine(entry)).toEqual([line]);
  });

  it("are cut at line breaks wherever the pieces end, also inside a character", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.string({ unit: "grapheme" }).filter((text) => !/[\r\n\ufeff]/.test(text) && text.isWellFormed())),
        fc.integer({ min: 1, max: 5 }),
        async (lines, step) => {
          const bytes = Buffer.from(lines.map((line) => `${line}\n`).join(""), "utf8");
          async function* pieces(): AsyncGenerator<Uint8Array> {
            for (let at = 0; at < bytes.length; at += step) yield bytes.subarray(at, at + step);
          }
          const found: string[] = [];
          for await (const line of splitLines(pieces())) found.push(line);
          expect(found).toEqual(lines);
        },
      ),
    );
  });
});

describe("reading the log of one try", () => {
  it("of Airflow 2 drops the host's line, keeps groups, and is UTF-8 without a charset", async () => {
    const body =
      "worker-1.example\n INFO - ::group::Log message source details\n*** Found local files:\n***   * /x.log\n INFO - ::endgroup::\n[2026-11-20T12:23:43.511+0000] {a.py:1} WARNING - é漢\nplain\n";
    await using stub = await startAirflowStub(2, { [LOG]: asText(body) });
    await using engine = givenEngine(stub.url);
    const lines = await collect(engine.readLog(request));
    expect(lines.map(({ text }) => text)).toEqual([
      "::group::Log message source details",
      "*** Found local files:",
      "***   * /x.log",
      "::endgroup::",
      "é漢",
      "plain",
    ]);
    expect(lines[4]).toMatchObject({ at: "2026-11-20T12:23:43.511Z", level: "warning" });
    expect(stub.calls[0]).toMatchObject({
      target: expect.stringContaining("full_content=true"),
      headers: { accept: "text/plain" },
    });
  });

  it("of Airflow 3 comes from ndjson, and from JSON where that is not known", async () => {
    const recorded = sample("v2", "logs_ndjson").response.body as string;
    const whole = sample("v2", "logs_json").response.body as { content: object[] };
    await using stub = await startAirflowStub(3, { [LOG]: asText(recorded, "application/x-ndjson") });
    await using engine = givenEngine(stub.url);
    const lines = await collect(engine.readLog(request));
    expect(lines.length).toBeGreaterThan(5);
    expect(lines[0]).toMatchObject({ at: null, text: "::group::Log message source details" });
    stub.route(LOG, [{ status: 406, body: {} }, { body: { ...whole, continuation_token: null } }]);
    expect((await collect(engine.readLog(request)))[0]).toMatchObject({ text: "::group::Log message source details" });
  });

  it("asks for a map index when there is one", async () => {
    await using stub = await startAirflowStub(3, {
      [LOG]: asText('{"event":"x","timestamp":"2026-01-01T00:00:00Z"}\n'),
    });
    await using engine = givenEngine(stub.url);
    await collect(engine.readLog({ ...request, mapIndex: 0 }));
    expect(stub.calls[0]!.target).toContain("map_index=0");
  });

  it.each([
    ["logs_never_ran", "Could not read served logs"],
    ["logs_try_not_exist", "Log file not found on worker"],
  ])("says LOG_UNAVAILABLE for Airflow 2's explanation in a 200 (%s)", async (name, words) => {
    const { content } = sample("v1", name).response.body as { content: string };
    const text = parseHostLogs(content)!
      .map((log) => `${log.host}\n${log.text}`)
      .join("");
    await using stub = await startAirflowStub(2, { [LOG]: asText(text) });
    await using engine = givenEngine(stub.url);
    const error = await errorOf(collect(engine.readLog(request)));
    expect(error).toMatchObject({ code: "LOG_UNAVAILABLE" });
    expect(error.message).toContain(words);
  });

  it.each([
    "*** Log file does not exist: /x.log\n*** Fetching from: http://:8793/x\n*** Failed to fetch log file from worker.\n",
    "Error fetching the logs. Try number 0 is invalid.\n",
  ])("knows older words for it (%j)", async (text) => {
    await using stub = await startAirflowStub(2, { [LOG]: asText(`\n${text}`) });
    await using engine = givenEngine(stub.url);
    expect(await errorOf(collect(engine.readLog(request)))).toMatchObject({ code: "LOG_UNAVAILABLE" });
  });

  it("takes a user's starred lines for what they are", async () => {
    await using stub = await startAirflowStub(2, {
      [LOG]: asText("host\n*** Found local files:\n***   * /x.log\n*** Could not do it\n"),
    });
    await using engine = givenEngine(stub.url);
    expect(await collect(engine.readLog(request))).toHaveLength(3);
  });

  it.each([2, 3] as const)("tells a missing try from a missing task on Airflow %i", async (generation) => {
    const set = generation === 2 ? "v1" : "v2";
    await using stub = await startAirflowStub(generation, {
      [LOG]: { status: 404, body: { detail: "TaskInstance not found" } },
      [TASK]: { body: sample(set, "ti_get").response.body },
    });
    await using engine = givenEngine(stub.url);
    expect(await errorOf(collect(engine.readLog(request)))).toMatchObject({ code: "LOG_UNAVAILABLE" });
    stub.route(TASK, { status: 404, body: {} });
    expect(await errorOf(collect(engine.readLog(request)))).toMatchObject({ code: "TASK_UNKNOWN" });
  });

  it("says LOG_UNAVAILABLE when Airflow 3's header only tells why it found nothing", async () => {
    const lines = [
      "::group::Log message source details",
      "Could not read served logs: Invalid URL 'http://:8793/'",
      "::endgroup::",
    ];
    await using stub = await startAirflowStub(3, {
      [LOG]: asText(
        lines.map((event) => JSON.stringify({ event, timestamp: null })).join("\n"),
        "application/x-ndjson",
      ),
    });
    await using engine = givenEngine(stub.url);
    expect(await errorOf(collect(engine.readLog(request)))).toMatchObject({ code: "LOG_UNAVAILABLE" });
  });

  it("holds a long log neither in memory nor open when the reader leaves", async () => {
    let sentBytes = 0;
    const closed = new AbortController();
    await using stub = await startAirflowStub(2);
    stub.route(LOG, async (_seen, response) => {
      response.writeHead(200, { "content-type": "text/plain" });
      response.on("close", () => closed.abort());
      response.write("host\n");
      const line = `[2026-11-20T12:23:43.511+0000] {a.py:1} INFO - ${"x".repeat(1_000)}\n`.repeat(64);
      while (!closed.signal.aborted && sentBytes < 400_000_000) {
        sentBytes += line.length;
        if (!response.write(line)) await new Promise((resolve) => response.once("drain", resolve));
      }
      response.end();
    });
    await using engine = givenEngine(stub.url, { limits: { answer_bytes: 100_000 } });
    const read: string[] = [];
    for await (const { text } of engine.readLog(request)) {
      read.push(text);
      if (read.length === 5_000) break;
    }
    await expect.poll(() => closed.signal.aborted).toBe(true);
    expect(sentBytes).toBeLessThan(100_000_000);
  });

  it("says that the connection broke in the middle", async () => {
    await using stub = await startAirflowStub(2);
    stub.route(LOG, (_seen, response) => {
      response.writeHead(200, { "content-type": "text/plain" });
      response.write("host\nline\n", () => response.destroy());
    });
    await using engine = givenEngine(stub.url);
    expect(await errorOf(collect(engine.readLog(request)))).toMatchObject({ code: "INSTANCE_UNREACHABLE" });
  });

  it("is bounded by the caller's time, and by its signal", async () => {
    await using stub = await startAirflowStub(2);
    stub.route(
      LOG,
      (_seen, response) => void response.writeHead(200, { "content-type": "text/plain" }).write("host\nline\n"),
    );
    await using engine = givenEngine(stub.url);
    expect(await errorOf(collect(engine.readLog(request, { timeoutMs: 300 })))).toMatchObject({
      code: "INSTANCE_TIMEOUT",
    });
    const controller = new AbortController();
    const reason = new Error("left");
    setTimeout(() => controller.abort(reason), 100);
    expect(await errorOf(collect(engine.readLog(request, { signal: controller.signal })))).toBe(reason);
  });
});

/** No waiting between looks. */
const hurried = {
  ...systemClock,
  after: (delayMs: number, run: () => void) =>
    systemClock.after(delayMs >= 1_000 && delayMs <= 3_000 ? 1 : delayMs, run),
};
const task = (generation: 2 | 3, state: string, tryNumber = 1) => ({
  body: {
    ...(sample(generation === 2 ? "v1" : "v2", "ti_get").response.body as object),
    state,
    try_number: tryNumber,
  },
});
const entry = (event: string) => ({ event, timestamp: "2026-01-01T00:00:00Z", level: "info" });
const page = (text: string, token: string) => ({
  body: { content: `[('worker-1', ${pythonRepr(text)})]`, continuation_token: token },
});

describe("following a log", () => {
  it("of Airflow 3 waits for the task to start, gives each line once, and ends after the try has ended", async () => {
    const header = [{ event: "::group::Log message source details" }, { event: "::endgroup::" }];
    await using stub = await startAirflowStub(3, {
      [TASK]: [
        task(3, "queued"),
        task(3, "queued"),
        task(3, "running"),
        task(3, "running"),
        task(3, "running"),
        task(3, "success"),
      ],
      [LOG]: [
        { status: 404, body: { detail: "TaskInstance not found" } },
        { body: { content: header, continuation_token: null } },
        { body: { content: [...header, entry("one")], continuation_token: "t1" } },
        { body: { content: [], continuation_token: "t1" } },
        { body: { content: [entry("two")], continuation_token: "t2" } },
        { body: { content: [], continuation_token: "t2" } },
        { body: { content: [entry("last")], continuation_token: null } },
      ],
    });
    await using engine = givenEngine(stub.url, { options: { clock: hurried } });
    const lines = await collect(engine.readLog({ ...request, follow: true }));
    expect(lines.map(({ text }) => text).filter((text) => !text.startsWith("::"))).toEqual(["one", "two", "last"]);
  });

  it("of Airflow 3 goes on after a deferral, where the log ends for a while", async () => {
    await using stub = await startAirflowStub(3, {
      [TASK]: [task(3, "running"), task(3, "deferred"), task(3, "success")],
      [LOG]: [
        { body: { content: [entry("one")], continuation_token: null } },
        { body: { content: [entry("one"), entry("two")], continuation_token: null } },
        { body: { content: [entry("one"), entry("two"), entry("three")], continuation_token: null } },
      ],
    });
    await using engine = givenEngine(stub.url, { options: { clock: hurried } });
    const lines = await collect(engine.readLog({ ...request, follow: true }));
    expect(lines.map(({ text }) => text)).toEqual(["one", "two", "three"]);
  });

  it("of Airflow 2 reads what is new under its token, which never ends by itself", async () => {
    await using stub = await startAirflowStub(2, {
      [TASK]: [task(2, "running"), task(2, "running"), task(2, "success")],
      [LOG]: [
        page("a\nb", "t1"),
        page("", "t1"),
        page("\nc", "t2"),
        page("", "t2"),
        page("\nd\n\ne", "t3"),
        page("", "t3"),
      ],
    });
    await using engine = givenEngine(stub.url, { options: { clock: hurried } });
    const lines = await collect(engine.readLog({ ...request, follow: true }));
    expect(lines.map(({ text }) => text)).toEqual(["a", "b", "c", "d", "", "e"]);
    expect(stub.calls.filter(({ target }) => target.includes("token=t1"))).toHaveLength(2);
  });

  it("of an ended try with no log says so", async () => {
    const { content, continuation_token } = sample("v1", "logs_try_not_exist").response.body as {
      content: string;
      continuation_token: string;
    };
    await using stub = await startAirflowStub(2, {
      [TASK]: task(2, "failed"),
      [LOG]: { body: { content, continuation_token } },
    });
    await using engine = givenEngine(stub.url, { options: { clock: hurried } });
    expect(await errorOf(collect(engine.readLog({ ...request, follow: true })))).toMatchObject({
      code: "LOG_UNAVAILABLE",
    });
  });
});
