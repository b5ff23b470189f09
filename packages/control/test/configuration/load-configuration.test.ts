import { mkdirSync } from "node:fs";
import { AirfleetError } from "@airfleet/model";
import { array, assert as holds, constantFrom, json, oneof, property, string } from "fast-check";
import { describe, expect, test } from "vitest";
import { configurationJsonSchema, explainConfiguration, loadConfiguration, resolveSecrets } from "../../src/index.ts";
import { Workspace } from "./workspace.ts";

const repository = new URL("../../../../", import.meta.url).pathname;

const withToken = (work: Workspace, token: string) => {
  work.write("airfleet.yaml", `instances: [{id: eu, url: 'http://a', auth: {type: bearer, token: ${token}}}]`);
  const [instance] = work.load().instances;
  if (instance === undefined) throw new Error("no instance");
  return instance.config;
};

/** The code it is refused with, or null; anything else than a coded error is thrown on. */
const verdict = (work: Workspace): string | null => {
  try {
    work.load();
    return null;
  } catch (error) {
    if (error instanceof AirfleetError)
      return error.findings.length > 0 ? error.code : `${error.code} without findings`;
    throw error;
  }
};

describe("sources", () => {
  test("flags win over variables, variables over the file, the file over defaults", () => {
    using work = new Workspace();
    work.write("airfleet.yaml", "server: {port: 1, host: 127.0.0.2, log_level: warn}\n");
    const env = {
      AIRFLEET_SERVER__PORT: "2",
      PORT: "9",
      LOG_LEVEL: "ERROR",
      AIRFLEET_SERVER__HOSTS: "a.example, b.example",
    };
    const { settings, origins } = work.load(env, { port: 3 });
    expect(settings.server).toEqual({
      host: "127.0.0.2",
      port: 3,
      hosts: ["a.example", "b.example"],
      auth: { mode: "local" },
      log_level: "error",
    });
    expect(origins).toMatchObject({
      "server.port": "--port",
      "server.host": "airfleet.yaml:1:25",
      "server.hosts": "AIRFLEET_SERVER__HOSTS",
      "server.log_level": "LOG_LEVEL",
      "server.auth.mode": "default",
    });
    expect(work.load(env).settings.server.port).toBe(2);
  });

  test("a directory asked for on the command line wins over a database URL", () => {
    using work = new Workspace();
    const env = { DATABASE_URL: "postgres://u:sesame@h/d" };
    expect(work.load(env).settings.store.url).toBe(env.DATABASE_URL);
    const { settings, origins } = work.load(env, { dataDir: "d" });
    expect(settings.store).toEqual({ data_dir: `${work.cwd}/d` });
    expect(origins["store.url"]).toBeUndefined();
  });

  test("wrong variables and flags are named", () => {
    using work = new Workspace();
    const error = work.refusal({ PORT: "abc", AIRFLEET_SERVER__PROT: "1" }, { authMode: "open" });
    expect(error.findings).toHaveLength(3);
    expect(error.findings).toEqual(
      expect.arrayContaining([
        {
          pointer: "AIRFLEET_SERVER__PROT",
          message: 'this variable sets nothing: did you mean "AIRFLEET_SERVER__PORT"?',
        },
        { pointer: "--auth", message: '"mode" must be one of local, token' },
        { pointer: "PORT", message: '"port" must be a number' },
      ]),
    );
  });

  test("an id in two files stops the load and names both places", () => {
    using work = new Workspace();
    work.write("airfleet.yaml", "instances:\n  - {id: EU, url: 'http://a'}\n");
    work.write(
      "config/clients.json",
      `{"airflow_clients": [{"client_id": "eu", "airflow_url": "http://b", "username": "u", "password": "p", "enabled": true}]}`,
    );
    const error = work.refusal();
    expect(error.code).toBe("CONFIG_SOURCES_CLASH");
    expect(error.message).toBe(
      'Instance "eu" is defined in airfleet.yaml:2:5 and in config/clients.json:1:22. Keep one of them.',
    );
  });

  test("a file asked for by name must exist, one looked for need not", () => {
    using work = new Workspace();
    expect(work.load().instances).toEqual([]);
    expect(work.refusal({}, { config: "other.yaml" }).message).toBe(
      "other.yaml cannot be read: there is no such file.",
    );
    expect(work.refusal({ AIRFLEET_CLIENTS_FILE: "no.json" }).message).toBe(
      "no.json cannot be read: there is no such file.",
    );
    mkdirSync(`${work.cwd}/dir`);
    expect(work.refusal({}, { config: "dir" }).message).toBe("dir cannot be read: it is a directory.");
  });

  test("text that is not UTF-8 is refused", () => {
    using work = new Workspace();
    work.write("airfleet.yaml", new Uint8Array([0xff, 0xfe, 0x00]));
    expect(work.refusal().message).toBe("airfleet.yaml cannot be read: it is not UTF-8 text.");
  });
});

describe("the single-client variables", () => {
  test("make a default instance when no file defines one", () => {
    using work = new Workspace();
    expect(work.load({ AIRFLOW_URL: "http://airflow:8080/" }).instances).toMatchObject([
      {
        source: "environment",
        config: {
          id: "default",
          url: "http://airflow:8080",
          auth: { type: "basic", username: "airflow", password: "airflow" },
        },
      },
    ]);
    expect(work.load({ AIRFLOW_PASSWORD: "p" }).instances[0]?.config.url).toBe("http://localhost:8080");
  });

  test.each([
    ["http://airflow:8080/api/v1", "http://airflow:8080"],
    ["http://airflow:8080/base/api/v2/", "http://airflow:8080/base"],
    ["http://airflow:8080", "http://airflow:8080"],
  ])("take %s as the address of the API", (given, url) => {
    using work = new Workspace();
    expect(work.load({ AIRFLOW_API_URL: given, AIRFLOW_USERNAME: "ada" }).instances).toMatchObject([
      { source: "environment", config: { id: "default", url, auth: { username: "ada" } } },
    ]);
    const both = work.load({ AIRFLOW_API_URL: given, AIRFLOW_URL: "http://other" }).instances;
    expect(both.map(({ config }) => config.url)).toEqual(["http://other"]);
  });

  test("are not consulted when a file defines an instance, and invent none when absent", () => {
    using work = new Workspace();
    expect(work.load().instances).toEqual([]);
    work.write("airfleet.yaml", "instances: [{id: a, url: 'http://a'}]");
    expect(work.load({ AIRFLOW_URL: "http://b" }).instances.map(({ config }) => config.id)).toEqual(["a"]);
  });

  test("are refused by name when wrong", () => {
    using work = new Workspace();
    expect(work.refusal({ AIRFLOW_URL: "localhost:8080" }).findings).toEqual([
      { pointer: "AIRFLOW_URL", message: '"url" must be an http:// or https:// URL' },
    ]);
  });
});

describe("secrets", () => {
  test("come from variables and files, without the file's last line break", () => {
    using work = new Workspace();
    expect(resolveSecrets(withToken(work, "{env: T}"), { T: "sesame" }).auth).toEqual({
      type: "bearer",
      token: "sesame",
    });
    work.write("token", "open sesame\n");
    expect(resolveSecrets(withToken(work, "{file: token}"), {}).auth).toEqual({ type: "bearer", token: "open sesame" });
  });

  test.each([
    ["{env: T}", {}, /^The secret \{env: T\} of instance "eu" cannot be read: the variable is not set\.$/],
    ["{env: T}", { T: "" }, /^The secret \{env: T\} of instance "eu" cannot be read: it is empty\.$/],
    ["{file: no}", {}, /^The secret \{file: .*\/no\} of instance "eu" cannot be read: there is no such file\.$/],
    ["{file: .}", {}, /^The secret \{file: .*\} of instance "eu" cannot be read: it is no file\.$/],
  ])("%s that cannot be read is named with its instance", (token, env, message) => {
    using work = new Workspace();
    const config = withToken(work, token);
    expect(() => resolveSecrets(config, env)).toThrow(
      expect.objectContaining({ code: "SECRET_UNAVAILABLE", message: expect.stringMatching(message) }),
    );
  });

  test("never appear in the explanation", () => {
    using work = new Workspace();
    const auths = [
      "{type: basic, username: u, password: SESAME}",
      "{type: bearer, token: SESAME}",
      "{type: exec, command: [x], env: {A: SESAME}}",
      "{type: mwaa, environment: e, region: r, access_key_id: SESAME, secret_access_key: SESAME, session_token: SESAME}",
    ];
    const instances = auths.map(
      (auth, index) =>
        `- {id: i${index}, url: 'http://a', headers: {x-key: SESAME}, tls: {key: '-----BEGIN SESAME'}, auth: ${auth}}`,
    );
    work.write(
      "airfleet.yaml",
      `store: {url: 'postgres://SESAME:SESAME@h/d?password=SESAME'}\ninstances:\n${instances.join("\n")}`,
    );
    const lines = explainConfiguration(work.load());
    expect(JSON.stringify(lines)).not.toContain("SESAME");
    expect(lines).toContainEqual({ key: "store.url", value: "postgres://(hidden)@h/d", source: "airfleet.yaml:1:14" });
    expect(lines).toContainEqual({ key: "instances.i0.auth.username", value: "u", source: "airfleet.yaml:3:3" });
    expect(lines).toContainEqual({ key: "server.port", value: "3000", source: "default" });
  });
});

describe("any text", () => {
  const pieces = constantFrom(
    "instances:",
    "server:",
    "airflow_clients",
    "- ",
    "{",
    "}",
    "[",
    "]",
    '"',
    ":",
    ",",
    "\n",
    "  ",
    "&a ",
    "*a",
    "<<: ",
    "id: a",
    "url",
    "!!js/function ",
    "__proto__",
    "? ",
    "| ",
    "\t",
    "null",
    "---\n",
  );
  const garbage = oneof(
    string(),
    string({ unit: "binary" }),
    array(pieces, { maxLength: 40 }).map((all) => all.join("")),
    json(),
  );
  test.each(["airfleet.yaml", "config/clients.json"])(
    "as %s is accepted or refused with a code, never a crash",
    (file) => {
      using work = new Workspace();
      holds(
        property(garbage, (text) => {
          work.write(file, text);
          expect([null, "CONFIG_FILE_INVALID", "CONFIG_FILE_UNREADABLE without findings"]).toContain(verdict(work));
        }),
        { numRuns: 400 },
      );
    },
  );

  test("nested without end is refused", () => {
    using work = new Workspace();
    work.write("airfleet.yaml", "[".repeat(100_000));
    expect(work.refusal().code).toBe("CONFIG_FILE_INVALID");
  });
});

describe("what we publish", () => {
  test("the examples load", () => {
    const { instances } = loadConfiguration({
      cwd: repository,
      env: {},
      flags: { config: "examples/airfleet.yaml", clientsFile: "examples/clients.json" },
    });
    expect(instances.map(({ config }) => config.id)).toEqual(["eu", "eu-3", "client1", "client3"]);
  });

  test("the example of signed calls loads", () => {
    const { instances } = loadConfiguration({
      cwd: repository,
      env: {},
      flags: { config: "examples/signed-calls/airfleet.yaml" },
    });
    const file = `${repository}examples/signed-calls/airfleet-caller.pem`;
    expect(instances.map(({ config }) => config.auth)).toEqual([{ type: "jwt", algorithm: "EdDSA", key: { file } }]);
  });

  test("the JSON Schema is the committed one", async () => {
    await expect(`${JSON.stringify(configurationJsonSchema(), null, 2)}\n`).toMatchFileSnapshot(
      `${repository}docs/reference/airfleet.schema.json`,
    );
  });
});
