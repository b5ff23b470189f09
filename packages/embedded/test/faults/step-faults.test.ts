import { execFileSync } from "node:child_process";
import { createServer, type Server, type Socket, connect } from "node:net";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
  writeSync,
  closeSync,
} from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import type { Connection, Step, StepBody, TableReference } from "@airfleet/model";
import { afterEach, describe, expect, onTestFinished, test } from "vitest";
import { createStepRunner, type StepLimits, type StepRunner } from "../../src/index.ts";
import { openOwnDatabase } from "../support/databases.ts";
import { limitsFor } from "../support/interpreters.ts";

const CSV = {
  path: "in.csv",
  delimiter: ",",
  quote: '"',
  encoding: "utf-8",
  has_header: true,
  skip_rows: 0,
  na_values: [""],
  columns: {},
  on_bad_line: "fail",
} as const;
const LOADER = { table: "target", create_table: true, timeout: 60 };
/** Rows that take DuckDB minutes to count. */
const ENDLESS = "select count(*) as n from range(10000000000) a(i) where hash(i) % 7 = 3";

interface Room {
  readonly root: string;
  readonly runFolder: string;
  readonly runner: StepRunner;
  run(
    body: StepBody,
    options?: { signal?: AbortSignal; rows?: TableReference; onLog?: (line: string) => void },
  ): ReturnType<StepRunner["run"]>;
}

const open = (given: Partial<StepLimits> = {}, connection?: Connection): Room => {
  const folder = mkdtempSync(path.join(tmpdir(), "airfleet-faults-"));
  const root = path.join(folder, "data");
  const runFolder = path.join(folder, "run");
  mkdirSync(root);
  mkdirSync(runFolder);
  const runner = createStepRunner({
    limits: { ...limitsFor(root), ...given },
    findConnection: async () => connection!,
    python: { interpreter: "/no/such/python" },
    graceMs: 3_000,
  });
  onTestFinished(async () => {
    await runner.close();
    rmSync(folder, { recursive: true, force: true });
  });
  let count = 0;
  return {
    root,
    runFolder,
    runner,
    run(body, { signal = new AbortController().signal, rows, onLog = () => undefined } = {}) {
      count += 1;
      const step: Step = {
        id: `s${count}`,
        node: `s${count}`,
        label: "",
        module: "",
        type: "transformer",
        inputs: rows === undefined ? [] : [{ name: "input", step: "before", output: "out" }],
        outputs: ["out"],
        retry: null,
        timeoutSeconds: null,
        pool: null,
        queue: null,
        body,
      };
      return runner.run(
        { step, params: {}, inputs: rows === undefined ? {} : { input: rows }, runFolder },
        { signal, onLog },
      );
    },
  };
};

const sql = (text: string): StepBody => ({ kind: "sql", outputs: { out: { parts: [text], params: [] } } });
const csv = (options: object = {}): StepBody => ({
  kind: "read",
  connector: "csv",
  connection: null,
  options: { ...CSV, ...options },
});
const command = (...argv: string[]): StepBody => ({ kind: "command", argv, env: {} });
const toTable = (mode: "append" | "replace" | "upsert", keys: string[] = [], options: object = {}): StepBody => ({
  kind: "write",
  connector: "postgres",
  mode,
  keys,
  connection: "warehouse",
  options: { ...LOADER, ...options },
});
const toCsv = (file: string): StepBody => ({
  kind: "write",
  connector: "csv",
  mode: "replace",
  keys: [],
  connection: null,
  options: {
    file_path: file,
    delimiter: ",",
    encoding: "utf-8",
    include_header: true,
    quote_all: false,
    create_dirs: true,
  },
});

/** Workers below this process. */
const workers = (): readonly number[] => {
  const lines = execFileSync("ps", ["-eo", "pid=,ppid=,args="], { encoding: "utf8" }).trim().split("\n");
  return lines
    .map((line) => /^\s*(\d+)\s+(\d+)\s+(.*)$/.exec(line) ?? [])
    .filter(([, , parent, args]) => Number(parent) === process.pid && args?.includes("processes/main"))
    .map(([, pid]) => Number(pid));
};

const isRunning = (text: string): boolean => {
  const own = `ps -eo`;
  return execFileSync("ps", ["-eo", "args="], { encoding: "utf8" })
    .split("\n")
    .some((line) => line.includes(text) && !line.includes(own));
};

const until = async (holds: () => boolean | Promise<boolean>, what: string): Promise<void> => {
  const deadline = Date.now() + 20_000;
  while (!(await holds())) {
    if (Date.now() > deadline) throw new Error(`never: ${what}`);
    await delay(20);
  }
};

const left = (folder: string): readonly string[] => readdirSync(folder, { recursive: true, encoding: "utf8" });

afterEach(() => {
  if (existsSync("/tmp/airfleet-stolen.csv")) throw new Error("a step has written outside of its folders");
});

describe("a process that dies", () => {
  test("is a failed step; the next step runs in another", async () => {
    const room = open();
    await room.run(sql("select 1 as n"));
    const running = room.run(sql(ENDLESS));
    const failed = running.catch((error: unknown) => error);
    await until(() => left(room.runFolder).some((name) => name.includes(".try-")), "the step began");
    const found = workers();
    expect(found.length).toBeGreaterThan(0);
    for (const pid of found) process.kill(pid, "SIGKILL");
    expect(await failed).toMatchObject({ code: "STEP_FAILED" });
    expect((await room.run(sql("select 2 as n"))).rows_out).toBe(1);
    expect(left(room.runFolder).filter((name) => name.startsWith("s2"))).toEqual([]);
  });

  test("takes the commands that it has started with it", async () => {
    const room = open();
    const mark = `86${Date.now()}`;
    const running = room.run(command("sh", "-c", `sleep ${mark} & sleep ${mark}`));
    const failed = running.catch((error: unknown) => error);
    await until(() => isRunning(`sleep ${mark}`), "the command runs");
    const found = workers();
    expect(found.length).toBeGreaterThan(0);
    for (const pid of found) process.kill(pid, "SIGKILL");
    expect(await failed).toMatchObject({ code: "STEP_FAILED" });
    await until(() => !isRunning(`sleep ${mark}`), "the command is gone");
  });
});

describe("cancelling", () => {
  test.each([
    ["a query", sql(ENDLESS)],
    ["a command", command("sleep", "600")],
    ["a command that will not hear", command("sh", "-c", "trap '' TERM; while true; do sleep 1; done")],
  ])("ends %s, and throws the reason once it is gone", async (_what, body) => {
    const room = open();
    await room.run(sql("select 1 as n"));
    const stop = new AbortController();
    const running = room.run(body, { signal: stop.signal });
    const ended = running.catch((error: unknown) => String(error));
    await until(() => left(room.runFolder).some((name) => name.startsWith("s2")), "the step began");
    const began = Date.now();
    stop.abort(new Error("enough"));
    expect(await ended).toBe("Error: enough");
    expect(Date.now() - began).toBeLessThan(15_000);
    expect(left(room.runFolder).filter((name) => name.startsWith("s2"))).toEqual([]);
    expect((await room.run(sql("select 2 as n"))).rows_out).toBe(1);
  });

  test("ends a step that still waits in line, and one that is cancelled before it begins", async () => {
    const room = open({ concurrency: 1 });
    const first = new AbortController();
    const second = new AbortController();
    const running = room.run(sql(ENDLESS), { signal: first.signal }).catch(String);
    const waiting = room.run(sql("select 1"), { signal: second.signal }).catch(String);
    second.abort(new Error("second"));
    expect(await waiting).toBe("Error: second");
    first.abort(new Error("first"));
    expect(await running).toBe("Error: first");
    await expect(room.run(sql("select 1"), { signal: AbortSignal.abort(new Error("before")) })).rejects.toThrow(
      "before",
    );
    expect((await room.run(sql("select 2 as n"))).rows_out).toBe(1);
  });

  test("of a load leaves the table as it was, wherever it is", { timeout: 120_000 }, async () => {
    await using database = await openOwnDatabase();
    await database.rows("create table target (n bigint, t text)");
    await database.rows("insert into target values (0, 'old')");
    const room = open({}, database.connection);
    const { outputs } = await room.run(sql("select i as n, repeat('x', 100) as t from range(200000) r(i)"));
    for (const afterMs of [0, 60, 150, 300, 600]) {
      const stop = new AbortController();
      const running = room.run(toTable("replace"), { signal: stop.signal, rows: outputs["out"] }).then(
        () => "loaded",
        (error: unknown) => String(error),
      );
      await delay(afterMs);
      stop.abort(new Error("enough"));
      const end = await running;
      const [[count]] = (await database.rows("select count(*) from target")) as [[string]];
      expect([end, count]).toEqual(end === "loaded" ? ["loaded", "200000"] : ["Error: enough", "1"]);
      if (end === "loaded") {
        await database.rows("delete from target");
        await database.rows("insert into target values (0, 'old')");
      }
    }
  });
});

/** Passes bytes on until so many have gone by, then breaks both sides. */
const breakingProxy = async (
  target: Connection,
  afterBytes: number,
): Promise<{ port: number; broke: () => boolean }> => {
  let passed = 0;
  let hasBroken = false;
  const sockets = new Set<Socket>();
  const server: Server = createServer((client) => {
    const upstream = connect(target.port!, target.host!);
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      socket.on("error", () => undefined);
    }
    client.on("data", (bytes) => {
      passed += bytes.length;
      if (passed > afterBytes) {
        hasBroken = true;
        client.destroy();
        upstream.destroy();
      } else upstream.write(bytes);
    });
    upstream.pipe(client);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return { port: (server.address() as { port: number }).port, broke: () => hasBroken };
};

describe("a database that goes away", () => {
  test.each(["append", "replace", "upsert"] as const)(
    "half-way through %s leaves the table as it was",
    async (mode) => {
      await using database = await openOwnDatabase();
      await database.rows("create table target (n bigint, t text)");
      await database.rows("insert into target values (0, 'old')");
      const proxy = await breakingProxy(database.connection, 1_000_000);
      const room = open({}, { ...database.connection, host: "127.0.0.1", port: proxy.port });
      const { outputs } = await room.run(sql("select i as n, repeat('x', 100) as t from range(50000) r(i)"));
      await expect(room.run(toTable(mode, ["n"]), { rows: outputs["out"] })).rejects.toMatchObject({
        code: "STEP_FAILED",
      });
      expect(proxy.broke()).toBe(true);
      await until(
        async () =>
          (await database.rows("select count(*) from pg_stat_activity where application_name = 'airfleet'"))[0][0] ===
          "0",
        "sessions are gone",
      );
      expect(await database.rows("select * from target")).toEqual([["0", "old"]]);
    },
  );

  test("is refused outside of network.allow, and where clouds keep credentials", async () => {
    await using database = await openOwnDatabase();
    const elsewhere = open({ networkAllow: ["10.0.0.0/8"] }, database.connection);
    const body: StepBody = {
      kind: "read",
      connector: "postgres",
      connection: "warehouse",
      options: { query: "select 1", query_params: [], limit: null, offset: 0, timeout: 5 },
    };
    await expect(elsewhere.run(body)).rejects.toMatchObject({
      code: "STEP_REFUSED",
      message: expect.stringContaining("network.allow"),
    });
    const metadata = open(
      { networkAllow: ["*", "169.254.0.0/16"] },
      { ...database.connection, host: "169.254.169.254" },
    );
    await expect(metadata.run(body)).rejects.toMatchObject({ code: "STEP_REFUSED" });
  });

  test("gives nothing of a password away", async () => {
    await using database = await openOwnDatabase();
    const lines: string[] = [];
    const room = open({}, { ...database.connection, schema: "hunter2hunter2", password: "hunter2hunter2" });
    const body: StepBody = {
      kind: "read",
      connector: "postgres",
      connection: "warehouse",
      options: { query: "select 1", query_params: [], limit: null, offset: 0, timeout: 5 },
    };
    const error = await room.run(body, { onLog: (line) => lines.push(line) }).catch((thrown: unknown) => thrown);
    expect(JSON.stringify([String(error), lines])).toContain("***");
    expect(JSON.stringify([String(error), lines])).not.toContain("hunter2");
  });
});

describe("files", () => {
  test("behind links that lead out of the root are neither read nor written", async () => {
    const room = open();
    symlinkSync("/etc/passwd", path.join(room.root, "in.csv"));
    symlinkSync("/tmp", path.join(room.root, "out"));
    await expect(room.run(csv())).rejects.toMatchObject({ code: "STEP_REFUSED" });
    const { outputs } = await room.run(sql("select 1 as n"));
    await expect(room.run(toCsv("out/airfleet-stolen.csv"), { rows: outputs["out"] })).rejects.toMatchObject({
      code: "STEP_REFUSED",
    });
  });

  test("with a line of a gigabyte are refused without holding it", { timeout: 120_000 }, async () => {
    const room = open({ memory: "256MB" });
    const file = openSync(path.join(room.root, "in.csv"), "w");
    writeSync(file, "id,n\n1,");
    const block = Buffer.alloc(1 << 24, 120);
    for (let written = 0; written < 1 << 30; written += block.length) writeSync(file, block);
    closeSync(file);
    await expect(room.run(csv())).rejects.toMatchObject({ message: expect.stringMatching(/line size|Out of Memory/i) });
    expect((await room.run(sql("select 2 as n"))).rows_out).toBe(1);
  });

  test("on a full disk stay as they were", async () => {
    const room = open();
    const small = path.join(room.root, "small");
    mkdirSync(small);
    execFileSync("mount", ["-t", "tmpfs", "-o", "size=1m", "tmpfs", small]);
    onTestFinished(() => void execFileSync("umount", [small]));
    writeFileSync(path.join(small, "rows.csv"), "old\n");
    const { outputs } = await room.run(sql("select i, hash(i) as h from range(200000) r(i)"));
    await expect(room.run(toCsv("small/rows.csv"), { rows: outputs["out"] })).rejects.toMatchObject({
      code: "STEP_FAILED",
      message: expect.stringMatching(/space|ENOSPC/i),
    });
    expect(readFileSync(path.join(small, "rows.csv"), "utf8")).toBe("old\n");
    expect(readdirSync(small)).toEqual(["rows.csv"]);
  });
});

describe("limits", () => {
  test("more memory than a step may have is a failed step", async () => {
    const room = open({ memory: "64MB" });
    await expect(room.run(sql("select list(hash(i)) as l from range(20000000) r(i)"))).rejects.toMatchObject({
      code: "STEP_FAILED",
      message: expect.stringMatching(/memory/i),
    });
  });

  test("a command has no secret of the server's, no more memory than it may, and is heard up to a limit", async () => {
    process.env["AIRFLEET_SECRET_KEY"] = "secret-of-the-server";
    onTestFinished(() => void delete process.env["AIRFLEET_SECRET_KEY"]);
    const room = open({ memory: "64MB", logBytes: 2_000 });
    const lines: string[] = [];
    await room.run(command("sh", "-c", "env; ulimit -d"), { onLog: (line) => lines.push(line) });
    expect(lines.join("\n")).not.toContain("secret-of-the-server");
    expect(lines.at(-1)).toBe("64000");
    const many: string[] = [];
    await room.run(command("sh", "-c", "yes | head -c 5000000"), { onLog: (line) => many.push(line) });
    expect(many.join("\n").length).toBeLessThan(2_200);
    expect(many.at(-1)).toContain("More was written");
    await expect(room.run(command("/no/such/command"))).rejects.toMatchObject({ code: "STEP_REFUSED" });
    await expect(room.run(command("sh", "-c", "exit 3"))).rejects.toMatchObject({
      code: "STEP_FAILED",
      message: expect.stringContaining("status 3"),
    });
  });

  test("a Python that is not there is said, with how to get it", async () => {
    const room = open();
    const body: StepBody = {
      kind: "python",
      code: "def transform(df):\n    return df\n",
      function: "transform",
      timeoutSeconds: 5,
    };
    await expect(room.run(body)).rejects.toMatchObject({
      code: "STEP_PYTHON_MISSING",
      message: expect.stringContaining("/no/such/python"),
    });
  });
});
