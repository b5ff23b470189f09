import { describe, expect, test } from "vitest";
import { Workspace } from "./workspace.ts";

const client = (over: Readonly<Record<string, unknown>> = {}) => ({
  client_id: "client1",
  client_name: "Production Airflow",
  airflow_url: "http://localhost:8080",
  username: "airflow",
  password: "airflow",
  enabled: true,
  description: "Production environment",
  ...over,
});
const FILE = "config/clients.json";
const text = (...clients: readonly object[]): string => JSON.stringify({ airflow_clients: clients }, null, 2);

describe("config/clients.json", () => {
  test("its seven fields become an instance", () => {
    using work = new Workspace();
    work.write(FILE, text(client(), client({ client_id: "client3", enabled: false })));
    const { instances, warnings } = work.load();
    expect(warnings).toEqual([]);
    expect(instances.map(({ config }) => [config.id, config.enabled])).toEqual([
      ["client1", true],
      ["client3", false],
    ]);
    expect(instances[0]).toMatchObject({
      source: FILE,
      place: `${FILE}:3:5`,
      config: {
        name: "Production Airflow",
        description: "Production environment",
        engine: "airflow",
        url: "http://localhost:8080",
        tier: "development",
        auth: { type: "basic", username: "airflow", password: "airflow" },
      },
    });
  });

  test("a trailing slash is trimmed", () => {
    using work = new Workspace();
    work.write(FILE, text(client({ airflow_url: "http://localhost:8080/base//" })));
    expect(work.load().instances[0]?.config.url).toBe("http://localhost:8080/base");
  });

  test("a missing root key is refused with the place and the fix", () => {
    using work = new Workspace();
    work.write(FILE, `{"clients": []}`);
    const error = work.refusal();
    expect(error.code).toBe("CONFIG_FILE_INVALID");
    expect(error.message).toBe(
      `${FILE} cannot be used: ${FILE}:1:1: the root key "airflow_clients" is missing: write {"airflow_clients": [ … ]}.`,
    );
  });

  test("ids that differ in case only are refused, naming both places", () => {
    using work = new Workspace();
    work.write(FILE, text(client(), client({ client_id: "CLIENT1" })));
    expect(work.refusal().findings).toEqual([
      {
        pointer: `${FILE}:13:20`,
        message: `"client_id" CLIENT1 is taken at ${FILE}:4:20 (ids are compared without case): choose another`,
      },
    ]);
  });

  test.each([
    ["nope", '"airflow_url" must be an http:// or https:// URL'],
    ["ftp://airflow", '"airflow_url" must be an http:// or https:// URL'],
    [12, '"airflow_url" must be text'],
    ["http://user:sesame@airflow", '"airflow_url" carries credentials: move them to the user name and password'],
    ["http://airflow/api/v1", `"airflow_url" ends in the API's path: leave /api/… out`],
    ["http://airflow/?a=b", '"airflow_url" carries a "?" or "#": give the base URL of the web server alone'],
  ])("the URL %s is refused at its place", (url, message) => {
    using work = new Workspace();
    work.write(FILE, text(client({ airflow_url: url })));
    const error = work.refusal();
    expect(error.findings).toEqual([{ pointer: `${FILE}:6:22`, message }]);
    expect(JSON.stringify(error.findings) + error.message).not.toContain("sesame");
  });

  test("everything that is wrong is said at once", () => {
    using work = new Workspace();
    work.write(
      FILE,
      `{"airflow_clients": [\n{"client_id": "a b", "airflow_url": "x", "username": "u", "enabled": "yes"},\n7]}`,
    );
    expect(work.refusal().findings.map(({ pointer }) => pointer)).toEqual([
      `${FILE}:2:1`,
      `${FILE}:2:15`,
      `${FILE}:2:37`,
      `${FILE}:2:70`,
      `${FILE}:3:1`,
    ]);
  });

  test("an unknown key warns with its place and what was meant", () => {
    using work = new Workspace();
    work.write(FILE, JSON.stringify({ version: 1, airflow_clients: [{ ...client(), descripton: "x" }] }));
    expect(work.load().warnings).toEqual([
      `${FILE}:1:2: the key "version" is ignored`,
      expect.stringMatching(/: the key "descripton" is ignored; did you mean "description"\?$/),
    ]);
  });

  test("a client without enabled is disabled, as the original's filter had it, and warns", () => {
    using work = new Workspace();
    work.write(FILE, text(client({ enabled: undefined })));
    const { instances, warnings } = work.load();
    expect(instances[0]?.config.enabled).toBe(false);
    expect(warnings).toEqual([`${FILE}:3:5: "enabled" is missing, so the client is disabled; add "enabled": true`]);
  });

  test("a key given twice is refused", () => {
    using work = new Workspace();
    work.write(FILE, `{"airflow_clients": [],\n "airflow_clients": []}`);
    expect(work.refusal().findings).toEqual([
      { pointer: `${FILE}:2:2`, message: "this key was given before: keep one of them" },
    ]);
  });

  test.each([`{"airflow_clients": [}`, `{'airflow_clients': []}`, "airflow_clients: []", "", `{"airflow_clients": []`])(
    "%j is no JSON",
    (broken) => {
      using work = new Workspace();
      work.write(FILE, broken);
      expect(work.refusal().message).toContain("this is no JSON: look for a comma, quote or bracket before it");
    },
  );

  test("JSON may be indented by tabs and carry a byte order mark", () => {
    using work = new Workspace();
    work.write(FILE, `\uFEFF${JSON.stringify({ airflow_clients: [client()] }, null, "\t")}`);
    expect(work.load().instances).toHaveLength(1);
  });

  test("password and user name may be references", () => {
    using work = new Workspace();
    work.write(FILE, text(client({ username: { env: "U" }, password: { file: "secret" } })));
    expect(work.load().instances[0]?.config.auth).toEqual({
      type: "basic",
      username: { env: "U" },
      password: { file: `${work.cwd}/config/secret` },
    });
    expect(work.load().files).toContain(`${work.cwd}/config/secret`);
  });

  test("a file that others may read warns", () => {
    using work = new Workspace();
    work.write(FILE, text(client()), 0o644);
    expect(work.load().warnings).toEqual([
      `${FILE} holds credentials and every user of this machine may read it: chmod 600 ${FILE}`,
    ]);
  });
});
