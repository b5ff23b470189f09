import { describe, expect, test } from "vitest";
import { Workspace } from "./workspace.ts";

const FILE = "airfleet.yaml";

const line = (password: string) =>
  `instances: [{id: a, url: 'http://a', auth: {type: basic, username: u, password: ${password}}}]`;

describe("airfleet.yaml", () => {
  test("gives settings and instances, with defaults for the rest", () => {
    using work = new Workspace();
    work.write(FILE, "server: {port: 4000}\ninstances:\n  - {id: eu, url: 'https://eu.example/'}\n");
    const { settings, instances } = work.load();
    expect(settings).toEqual({
      server: { host: "127.0.0.1", port: 4_000, hosts: [], auth: { mode: "local" }, log_level: "info" },
      store: { data_dir: `${work.cwd}/.airfleet` },
      poll: { enabled: true, history_days: 7, history_runs: 10_000 },
      logs: { archive: "failed", max_try_mb: 10, max_total_mb: 2_000 },
      triggers: { keep: "30d" },
      network: { allow: [] },
      experimental: {},
      alerts: { every_seconds: 10 },
      modules: { paths: [] },
      embedded: {
        python: "python3",
        concurrency: 4,
        pools: {},
        memory: "1GB",
        threads: 2,
        missed_runs: "latest",
        keep_hours: 24,
        keep_failed_hours: 72,
        keep_gb: 20,
      },
      data: { roots: [] },
    });
    expect(instances).toMatchObject([
      { source: FILE, place: `${FILE}:3:5`, config: { id: "eu", url: "https://eu.example", auth: { type: "none" } } },
    ]);
  });

  test.each(["", "# nothing\n", "{}"])("an empty file %j is no mistake", (text) => {
    using work = new Workspace();
    work.write(FILE, text);
    expect(work.load().instances).toEqual([]);
  });

  test("unknown keys at every depth are refused with what was meant", () => {
    using work = new Workspace();
    work.write(
      FILE,
      "sever: {}\nserver:\n  prt: 1\n  auth: {mod: local}\ninstances:\n  - id: a\n    url: http://a\n    auth: {type: basic, username: u, pasword: p, password: q}\n",
    );
    expect(work.refusal().findings.toSorted((a, b) => a.pointer.localeCompare(b.pointer))).toEqual([
      { pointer: `${FILE}:1:1`, message: 'unknown key "sever": did you mean "server"?' },
      { pointer: `${FILE}:3:3`, message: 'unknown key "prt": did you mean "port"?' },
      { pointer: `${FILE}:4:10`, message: 'unknown key "mod": did you mean "mode"?' },
      { pointer: `${FILE}:8:38`, message: 'unknown key "pasword": did you mean "password"?' },
    ]);
  });

  test("a key that resembles nothing lists what is allowed", () => {
    using work = new Workspace();
    work.write(FILE, "poll: {xyzzy: 1}\n");
    expect(work.refusal().findings[0]?.message).toBe(
      'unknown key "xyzzy": allowed: enabled, sweep_seconds, history_days, history_runs',
    );
  });

  test.each([
    ["server: {port: 70000}", `${FILE}:1:16`, '"port" is out of range: expected number to be <=65535'],
    ["server: {port: '80'}", `${FILE}:1:16`, '"port" must be a number'],
    ["server: {log_level: loud}", `${FILE}:1:21`, '"log_level" must be one of trace, debug, info, warn, error, fatal'],
    ["instances: {}", `${FILE}:1:12`, '"instances" must be a list'],
    ["instances: [{id: a}]", `${FILE}:1:13`, '"url" is missing'],
    [
      "instances: [{id: a, url: 'http://a', tier: prod}]",
      `${FILE}:1:44`,
      '"tier" must be one of production, staging, development',
    ],
    [
      "instances: [{id: a, url: 'http://a', auth: {type: basik}}]",
      `${FILE}:1:51`,
      '"type" must be one of basic, bearer, login, exec, mwaa, jwt, none',
    ],
    [
      "instances: [{id: a, url: 'http://a', auth: {type: bearer, token: {evn: X}}}]",
      `${FILE}:1:66`,
      '"token" must be text, {env: NAME} or {file: PATH}',
    ],
    ["store: {url: 'postgres://h/d', data_dir: x}", `${FILE}:1:9`, '"url" and "data_dir" exclude each other: keep one'],
    ["a: 1\na: 2", `${FILE}:2:1`, "this key was given before: keep one of them"],
    ["server:\n\tport: 1", `${FILE}:2:1`, "a tab indents this line: use spaces"],
    ["- a", `${FILE}:1:1`, '"the file" must be keys with values'],
  ])("%j is refused", (text, pointer, message) => {
    using work = new Workspace();
    work.write(FILE, text);
    expect(work.refusal().findings).toContainEqual({ pointer, message });
  });

  test("an id may not be given twice, ignoring case", () => {
    using work = new Workspace();
    work.write(FILE, "instances:\n- {id: eu, url: 'http://a'}\n- {id: EU, url: 'http://b'}\n");
    expect(work.refusal().findings).toEqual([
      {
        pointer: `${FILE}:3:8`,
        message: `"id" EU is taken at ${FILE}:2:8 (ids are compared without case): choose another`,
      },
    ]);
  });

  test("a bomb of aliases is refused", () => {
    using work = new Workspace();
    const bomb = Array.from({ length: 12 }, (_, level) => {
      const inner = level === 0 ? '"x"' : `*a${level - 1}`;
      return `a${level}: &a${level} [${Array.from({ length: 10 }, () => inner).join(", ")}]`;
    });
    work.write(FILE, bomb.join("\n"));
    expect(work.refusal().code).toBe("CONFIG_FILE_INVALID");
  });

  test("credentials in a file that others may read warn; references do not", () => {
    using work = new Workspace();
    work.write(FILE, line("{env: P}"), 0o644);
    expect(work.load().warnings).toEqual([]);
    work.write(FILE, line("sesame"), 0o644);
    expect(work.load().warnings).toEqual([
      `${FILE} holds credentials and every user of this machine may read it: chmod 600 ${FILE}`,
    ]);
  });

  test("paths in the file are meant from its own directory", () => {
    using work = new Workspace();
    work.write(
      "etc/airfleet.yaml",
      "store: {data_dir: ../data}\ninstances: [{id: a, url: 'http://a', auth: {type: bearer, token: {file: token}}, tls: {ca: ca.pem}}]",
    );
    const { settings, instances } = work.load({}, { config: "etc/airfleet.yaml" });
    expect(settings.store.data_dir).toBe(`${work.cwd}/data`);
    expect(instances[0]?.config.auth).toEqual({ type: "bearer", token: { file: `${work.cwd}/etc/token` } });
    expect(instances[0]?.config.tls.ca).toBe(`${work.cwd}/etc/ca.pem`);
  });
});
