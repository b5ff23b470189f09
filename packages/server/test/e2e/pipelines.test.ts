import { mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import type { Plan } from "@airfleet/model";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type SimulatedFleet, startSimulatedFleet } from "../support/simulated-fleet.ts";

/** What the tests read of an answer by name; the rest they compare as it is. */
interface Answer {
  readonly id: string;
  readonly name: string;
  readonly revision: number;
  readonly items: readonly { readonly name: string }[];
  readonly next_cursor: string;
  readonly pipelines: readonly unknown[];
  readonly modules: readonly unknown[];
  readonly refused: readonly unknown[];
  readonly total: number;
  readonly valid: boolean;
  readonly errors: readonly { readonly type: string; readonly message: string }[];
  readonly plan: Plan;
  readonly plan_hash: string;
  readonly dag_id: string;
  readonly text: string;
  readonly hash: string;
  readonly defaults: unknown;
  readonly schema: unknown;
  readonly reach: unknown;
}

const MANIFEST = `
name: add-greeting
display_name: Greet
description: Adds a greeting.
type: transformer
config:
  type: object
  properties:
    text: { type: string, title: Text, default: hello }
sql: greet.sql
`;

let fleet: SimulatedFleet;
let modules: string;
beforeAll(async () => {
  modules = mkdtempSync(path.join(tmpdir(), "airfleet-modules-"));
  for (const [folder, files] of Object.entries({
    good: { "module.yaml": MANIFEST, "greet.sql": "select *, {{ config.text }} as greeting from input" },
    bad: { "module.yaml": `${MANIFEST}surprise: 1\n`, "greet.sql": "select 1" },
    empty: { "readme.txt": "" },
  })) {
    mkdirSync(path.join(modules, folder));
    for (const [name, text] of Object.entries(files)) writeFileSync(path.join(modules, folder, name), text);
  }
  fleet = await startSimulatedFleet({
    yaml: { modules: { paths: [modules] } },
    env: { AIRFLEET_CONN_LAKE: "aws://key:secret-canary@/", AIRFLOW_CONN_BROKEN: "canary-value" },
  });
});
afterAll(() => fleet[Symbol.asyncDispose]());

const api = async (
  method: string,
  address: string,
  body?: unknown,
  headers: Readonly<Record<string, string>> = {},
): Promise<{ status: number; body: Answer; headers: Headers }> => {
  const answer = await fetch(`${fleet.airfleet.url}/api/v1${address}`, {
    method,
    headers: { ...(body === undefined ? {} : { "content-type": "application/json" }), ...headers },
    ...(body === undefined ? {} : { body: typeof body === "string" ? body : JSON.stringify(body) }),
  });
  const text = await answer.text();
  return { status: answer.status, body: text === "" ? {} : JSON.parse(text), headers: answer.headers };
};

const node = (id: string, type: string, moduleId: string, config: object = {}) => ({
  id,
  type,
  position: { x: 0, y: 0 },
  data: { label: id, moduleId, config, status: "idle" },
});
const chain = (...nodes: readonly { readonly id: string }[]) => ({
  nodes,
  edges: nodes.slice(1).map(({ id }, index) => ({ source: nodes.at(index)!.id, target: id })),
});
const read = node("csv-extractor-1763455880430", "extractor", "csv-extractor", { path: "in.csv" });
const write = node("write", "loader", "csv-loader", { file_path: "out.csv" });
const config = chain(read, write);

const create = async (changes: object = {}): Promise<Answer> => {
  const { status, body } = await api("POST", "/pipelines", { name: "Orders", config, ...changes });
  expect(status).toBe(201);
  return body;
};

describe("pipelines over HTTP", () => {
  test("are created, read, changed and removed as clients of older servers do", async () => {
    const made = await create({ schedule: "0 3 * * *", tags: ["daily"], default_params: { day: "x" } });
    expect(made).toMatchObject({
      id: expect.stringMatching(/^[0-9a-f-]{36}$/),
      name: "Orders",
      description: null,
      version: "1.0.0",
      config,
      schedule: "0 3 * * *",
      is_scheduled: true,
      status: "draft",
      tags: ["daily"],
      default_params: { day: "x" },
      created_by: "local",
      revision: 1,
      plan_hash: expect.stringMatching(/^[0-9a-f]{64}$/),
      first_scheduled_at: expect.any(String),
      dag_id: `pipeline_${made.id.replaceAll("-", "_")}`,
    });
    const address = `/pipelines/${made.id}`;
    expect((await api("GET", address)).body).toEqual(made);
    // A whole row is sent back, as an editor does, with one field changed.
    const put = await api("PUT", address, { ...made, name: "Paid orders" });
    expect(put).toMatchObject({ status: 200, body: { name: "Paid orders", tags: ["daily"], revision: 2 } });
    expect((await api("PUT", address, { status: "active" })).body).toMatchObject({ name: "Paid orders", revision: 3 });
    expect((await api("DELETE", address)).status).toBe(204);
    expect(await api("GET", address)).toMatchObject({ status: 404, body: { detail: "Pipeline not found" } });
    expect((await api("POST", `${address}/validate`, {})).body).toMatchObject({ detail: "Pipeline not found" });
    expect((await api("DELETE", address)).status).toBe(404);
  });

  test("are listed in our pages and in those of older servers", async () => {
    for (const name of ["first", "second", "third"]) await create({ name, tags: ["paged"], status: "active" });
    const ours = await api("GET", "/pipelines?tag=paged&limit=2");
    expect(ours.body.items.map((one) => one.name)).toEqual(["third", "second"]);
    expect(ours.body.items[0]).not.toHaveProperty("config");
    expect(ours.headers.get("link")).toContain("cursor=");
    const rest = await api("GET", `/pipelines?tag=paged&limit=2&cursor=${ours.body.next_cursor}`);
    expect(rest.body).toMatchObject({ items: [{ name: "first", node_count: 2 }], next_cursor: null });
    expect(rest.body).not.toHaveProperty("pipelines");
    const older = await api("GET", "/pipelines?page=2&page_size=2&tag=paged&status=active,paused&search=IR");
    expect(older.body).toMatchObject({ total: 2, page: 2, page_size: 2, pipelines: [] });
    const whole = await api("GET", "/pipelines?page=1&tag=paged");
    expect(whole.body).toMatchObject({ total: 3, total_is_minimum: false, page_size: 20 });
    expect(whole.body.pipelines[0]).toMatchObject({ name: "third", config });
    expect((await api("GET", "/pipelines?surprise=1")).status).toBe(400);
    expect((await api("GET", "/pipelines?status=gone")).status).toBe(400);
    expect((await api("GET", "/pipelines?module=csv-loader&tag=paged")).body.items).toHaveLength(3);
    expect((await api("GET", "/pipelines?module=join&tag=paged")).body.items).toEqual([]);
  });

  test("lose no change of anybody: a stale If-Match is refused, and of two at once one wins", async () => {
    const { id } = await create();
    const address = `/pipelines/${id}`;
    const stale = { "if-match": '"1"' };
    const both = await Promise.all([
      api("PATCH", address, { version: "2" }, stale),
      api("PATCH", address, { version: "3" }, stale),
    ]);
    expect(both.map(({ status }) => status).toSorted((left, right) => left - right)).toEqual([200, 412]);
    expect((await api("PATCH", address, { version: "4" }, stale)).body).toMatchObject({ code: "VERSION_CONFLICT" });
    expect((await api("DELETE", address, undefined, stale)).status).toBe(412);
    const edits = Array.from({ length: 6 }, (_, n) => api("PATCH", address, { description: `${n}` }));
    expect((await Promise.all(edits)).every(({ status }) => status === 200)).toBe(true);
    const { body, headers } = await api("GET", address);
    expect(headers.get("etag")).toBe(`"${body.revision}"`);
    expect(body.revision).toBe(8);
    expect((await api("PATCH", address, { version: "5" }, { "if-match": headers.get("etag")! })).status).toBe(200);
  });

  test("keep every version: listed, compared, restored", async () => {
    const { id } = await create();
    const address = `/pipelines/${id}`;
    const wider = { ...write, position: { x: 9, y: 9 }, data: { ...write.data, config: { file_path: "b.csv" } } };
    await api("PATCH", address, {
      config: chain(read, node("keep", "transformer", "filter", { condition: "true" }), wider),
      note: "narrower",
    });
    await api("PATCH", address, { tags: ["a"] });
    const versions = await api("GET", `${address}/versions`);
    expect(versions.body.items).toMatchObject([
      { revision: 3, note: null, author: "local" },
      { revision: 2, note: "narrower" },
      { revision: 1 },
    ]);
    expect((await api("GET", `${address}/diff?from=1&to=2`)).body).toEqual({
      from: 1,
      to: 2,
      nodes: {
        added: ["keep"],
        removed: [],
        changed: [
          {
            id: "write",
            fields: [
              { field: "position.x", before: 0, after: 9 },
              { field: "position.y", before: 0, after: 9 },
              { field: "data.config.file_path", before: "out.csv", after: "b.csv" },
            ],
          },
        ],
      },
      edges: {
        added: [`${read.id} → keep`, "keep → write"],
        removed: [`${read.id} → write`],
        changed: [],
      },
      fields: [],
      plan_changed: true,
    });
    expect((await api("GET", `${address}/diff`)).body).toMatchObject({
      from: 2,
      to: 3,
      fields: [{ field: "tags", before: [], after: ["a"] }],
      plan_changed: true,
    });
    const restored = await api("POST", `${address}/restore`, { revision: 1 });
    expect(restored.body).toMatchObject({ revision: 4, config, tags: [] });
    expect((await api("GET", `${address}/versions/4`)).body).toMatchObject({ note: "Restored revision 1" });
    expect((await api("POST", `${address}/restore`, { revision: 1 })).body).toMatchObject({ revision: 4 });
    expect(await api("GET", `${address}/versions/9`)).toMatchObject({
      status: 404,
      body: { code: "PIPELINE_VERSION_UNKNOWN", detail: expect.stringContaining("1 to 4") },
    });
  });

  test("say all that is wrong with them, with node, edge, field and fix", async () => {
    const wrong = {
      nodes: [
        node("a", "transformer", "fliter"),
        node("b", "transformer", "filter", {}),
        node("b", "loader", "csv-loader", {}),
      ],
      edges: [{ source: "a", target: "nowhere" }],
    };
    const check = await api("POST", "/pipelines/validate-config", { config: wrong, schedule: "61 * * * *" });
    expect(check.body.valid).toBe(false);
    const types = check.body.errors.map((one) => one.type);
    expect(new Set(types)).toEqual(
      new Set([
        "missing_extractor",
        "duplicate_node",
        "dangling_edge",
        "unknown_module",
        "invalid_config",
        "missing_input",
        "invalid_schedule",
      ]),
    );
    expect(check.body.errors).toContainEqual({
      type: "missing_extractor",
      message: "Pipeline must start with at least one extractor",
      fix: expect.any(String),
      node: null,
      edge: null,
      field: null,
    });
    const unknown = check.body.errors.find((one) => one.type === "unknown_module");
    expect(unknown).toMatchObject({ node: "a", field: "moduleId", fix: expect.stringContaining("filter") });
    const { id } = await create({ config: wrong });
    const stored = await api("POST", `/pipelines/${id}/validate`, {});
    expect(stored.body.errors.length).toBeGreaterThan(4);
    const compiled = await api("GET", `/pipelines/${id}/compile`);
    expect(compiled).toMatchObject({ status: 422, body: { code: "PIPELINE_INVALID" } });
    expect(compiled.body.errors.length).toBe(stored.body.errors.length);
    const bare = await api("POST", "/pipelines/validate-config", config);
    expect(bare.body).toMatchObject({ valid: true, errors: [], warnings: [] });
    expect((await api("POST", "/pipelines/validate-config", {})).body.errors).toMatchObject([
      { type: "empty_pipeline", message: "Pipeline must contain at least one module" },
    ]);
  });

  test("compile to what engines run, the same each time", async () => {
    const { id } = await create({ name: '"""\n{{ x }} \u2028', schedule: "@daily", time_zone: "Europe/Paris" });
    const compile = (query: string) => api("GET", `/pipelines/${id}/compile${query}`);
    const plan = await compile("");
    expect(plan.body).toMatchObject({
      target: "plan",
      revision: 1,
      plan: { steps: [{ module: "csv-extractor" }, {}] },
    });
    const file = await compile("?target=airflow");
    expect(file.body.name).toBe(`${plan.body.dag_id}.py`);
    expect(file.body.text).toContain(file.body.hash);
    expect(file.body.text.split("\n")[0]).toMatch(/^# Pipeline: [ -~]*$/);
    expect((await compile("?target=airflow")).body).toEqual(file.body);
    expect((await compile("?target=embedded")).body.hash).toBe(plan.body.plan_hash);
    expect((await compile("?target=luigi")).status).toBe(400);
    await api("PATCH", `/pipelines/${id}`, { tags: ["other"] });
    expect((await compile("?revision=1")).body.plan_hash).toBe(plan.body.plan_hash);
    expect((await compile("")).body.plan_hash).not.toBe(plan.body.plan_hash);
  });

  test("go out as files and come in again", async () => {
    const { id } = await create({ environments: { dev: ["client1"] }, tags: ["x"], owner: "ada" });
    const { body: file } = await api("GET", `/pipelines/${id}/export`);
    expect(file).toMatchObject({ format: "airfleet-pipeline", id, config, owner: "ada" });
    const copy = await api("POST", "/pipelines/import", file);
    expect(copy).toMatchObject({ status: 201, body: { config, tags: ["x"], environments: { dev: ["client1"] } } });
    expect(copy.body.id).not.toBe(id);
    expect((await api("POST", "/pipelines/import?on_conflict=fail", file)).body).toMatchObject({
      code: "PIPELINE_EXISTS",
    });
    const replaced = await api("POST", "/pipelines/import?on_conflict=replace", { ...file, name: "New" });
    expect(replaced.body).toMatchObject({ id, name: "New", revision: 2 });
    await api("DELETE", `/pipelines/${id}`);
    expect((await api("POST", "/pipelines/import", file)).body.id).toBe(id);
    const drawn = await api("POST", "/pipelines/import", { name: "Drawn", ...config });
    expect(drawn.body).toMatchObject({ name: "Drawn", config });
    const twin = await api("POST", `/pipelines/${id}/duplicate`, {});
    expect(twin.body).toMatchObject({ name: "Orders (copy)", environments: {}, status: "draft", revision: 1 });
  });
});

/** Where the second step's statement begins. */
const SECOND_STEP_SQL = "steps.1.body.outputs.out.parts.0";
const deep = (levels: number): string => `${'{"a":'.repeat(levels)}1${"}".repeat(levels)}`;

describe("bad input", () => {
  test.each([
    ["a name that is none", { name: "", config }],
    ["a name of 256 characters", { name: "x".repeat(256), config }],
    ["a config that is a text", { name: "x", config: "nodes" }],
    ["nodes that are no list", { name: "x", config: { nodes: {}, edges: [] } }],
    ["a node that is a number", { name: "x", config: { nodes: [1], edges: [] } }],
    ["5,000 nodes", { name: "x", config: { nodes: Array.from({ length: 5_000 }, () => ({})), edges: [] } }],
    ["an unknown field", { name: "x", config, surprise: 1 }],
    ["a status that is none", { name: "x", status: "gone" }],
    ["tags that are no list", { name: "x", tags: "a" }],
    ["an instance that is not there", { name: "x", environments: { prod: ["elsewhere"] } }],
    ["a schedule of 101 characters", { name: "x", schedule: "*".repeat(101) }],
  ])("%s is refused with 400", async (_name, body) => {
    const answer = await api("POST", "/pipelines", body);
    expect(answer).toMatchObject({ status: 400, body: { code: "REQUEST_INVALID" } });
  });

  test("nested 20,000 deep is a finding or a refusal, never a full stack", async () => {
    const nested = `{"name":"x","config":{"nodes":[],"edges":[],"more":${deep(20_000)}}}`;
    expect(await api("POST", "/pipelines", nested)).toMatchObject({ status: 400, body: { code: "REQUEST_INVALID" } });
    const check = await api("POST", "/pipelines/validate-config", nested);
    expect(check.body).toMatchObject({ valid: false, errors: [{ type: "too_large" }] });
    for (const address of ["/pipelines", "/pipelines/validate-config"]) {
      expect((await api("POST", address, `{"name":"x","default_params":${deep(20_000)}}`)).status).toBe(400);
    }
  });

  test("5,000 nodes are one finding when they are only checked", async () => {
    const nodes = Array.from({ length: 5_000 }, (_, index) => ({ id: `n${index}` }));
    const { body } = await api("POST", "/pipelines/validate-config", { nodes, edges: [] });
    expect(body).toMatchObject({ valid: false, errors: [{ type: "too_large", field: "nodes" }], warnings: [] });
  });

  test("__proto__ and constructor.prototype keys are refused before anybody reads them", async () => {
    for (const key of ['"__proto__":{"polluted":1}', '"constructor":{"prototype":{"polluted":1}}']) {
      const answer = await api("POST", "/pipelines", `{"name":"x","config":{"nodes":[{${key}}],"edges":[]}}`);
      expect(answer).toMatchObject({ status: 400, body: { code: "BODY_UNREADABLE" } });
    }
    expect(({} as Readonly<Record<string, unknown>>)["polluted"]).toBeUndefined();
  });

  test("a body of more than a megabyte is refused with 413", async () => {
    const answer = await api("POST", "/pipelines", { name: "x", description: "x".repeat(1_100_000) });
    expect(answer).toMatchObject({ status: 413, body: { code: "BODY_TOO_LARGE" } });
  });

  test("hostile names end as data", async () => {
    const name = `'"""; drop table pipelines; --\n{{ 7*7 }} \u2028\u202e <script>`;
    const hostile = chain(
      node('a"\n]', "extractor", "csv-extractor", { path: "x.csv" }),
      node("..", "loader", "csv-loader", { file_path: "y.csv" }),
    );
    const made = await create({ name, config: hostile, owner: name, tags: [name.slice(0, 90)] });
    expect(made).toMatchObject({ name, owner: name, config: hostile });
    const found = await api("GET", `/pipelines?search=${encodeURIComponent("drop table")}`);
    expect(found.body.items).toHaveLength(1);
    const { body } = await api("GET", `/pipelines/${made.id}/compile?target=airflow`);
    expect(body.text).not.toMatch(/[^\n\x20-\x7e]/);
    expect(body.plan.steps.map(({ id }) => id)).toEqual([
      expect.stringMatching(/^[A-Za-z0-9_-]+$/),
      expect.stringMatching(/^[A-Za-z0-9_-]+$/),
    ]);
  });

  test("ids that are none are not found", async () => {
    for (const id of ["x", "..%2f..", "%00", "' or 1=1 --"]) {
      expect((await api("GET", `/pipelines/${encodeURIComponent(id)}`)).status).toBe(404);
    }
  });
});

describe("modules over HTTP", () => {
  test("are listed with the fields that older servers have, and found by each filter", async () => {
    const { body } = await api("GET", "/modules");
    expect(body.total).toBe(body.modules.length);
    expect(body.total).toBeGreaterThan(34);
    expect(body.items.find((one) => one.name === "csv-extractor")).toMatchObject({
      id: "csv-extractor",
      display_name: "CSV",
      type: "extractor",
      category: "files",
      is_active: true,
      source: "built-in",
      usage_count: expect.any(Number),
      config_schema: { type: "object", properties: { delimiter: { default: ",", title: "Separator" } } },
      required_connections: [],
    });
    const named = async (query: string) => (await api("GET", `/modules?${query}`)).body.items.map((one) => one.name);
    expect(await named("type=control")).toEqual(["branch"]);
    expect(await named("category=combine")).toEqual(["join", "lookup", "union"]);
    expect(await named("search=duplic")).toEqual(["deduplicate"]);
    expect(await named("is_active=false")).toEqual([]);
    expect((await api("GET", "/modules?type=loder")).status).toBe(400);
  });

  test("have a schema with defaults, by the names of older servers too", async () => {
    const { body } = await api("GET", "/modules/extractor/csv-extractor/schema");
    expect(body.defaults).toMatchObject({ delimiter: ",", has_header: true });
    expect((await api("GET", "/modules/transformer/sql-transformer/schema")).body.schema).toHaveProperty(
      "properties.query",
    );
    expect((await api("GET", "/modules/postgres-loader")).body).toMatchObject({
      required_connections: ["connection_id"],
    });
    expect(await api("GET", "/modules/csv-extracter")).toMatchObject({
      status: 404,
      body: { code: "MODULE_UNKNOWN", detail: expect.stringContaining('"csv-extractor"') },
    });
    expect((await api("GET", "/modules/loader/csv-extractor/schema")).status).toBe(404);
  });

  test("of one's own are there beside a bad one, which is named with its reason; and read again when told to", async () => {
    const list = await api("GET", "/modules");
    expect(list.body.refused).toEqual([
      { file: path.join(modules, "bad/module.yaml"), reason: expect.stringContaining("surprise is not known") },
    ]);
    const own = await create({
      config: chain(read, node("greet", "transformer", "add-greeting", { text: "it's" }), write),
    });
    const { body } = await api("GET", `/pipelines/${own.id}/compile`);
    expect(body.plan).toHaveProperty(SECOND_STEP_SQL, expect.stringContaining("'it''s' as greeting"));
    expect((await api("GET", "/modules/add-greeting")).body).toMatchObject({ source: "own", usage_count: 1 });
    writeFileSync(path.join(modules, "good/greet.sql"), "select *, '{{ config.text }}' as greeting from input");
    const reloaded = await api("POST", "/modules/reload");
    expect(reloaded.body).toMatchObject({ own: [] });
    expect(reloaded.body.refused).toHaveLength(2);
    expect((await api("POST", `/pipelines/${own.id}/validate`, {})).body.errors).toMatchObject([
      { type: "unknown_module", node: "greet" },
    ]);
    writeFileSync(path.join(modules, "good/greet.sql"), "select *, upper({{ config.text }}) as greeting from input");
    expect((await api("POST", "/modules/reload")).body).toMatchObject({ own: ["add-greeting"] });
    const again = await api("GET", `/pipelines/${own.id}/compile`);
    expect(again.body.plan).toHaveProperty(SECOND_STEP_SQL, expect.stringContaining("upper('it''s')"));
  });
});

describe("connections over HTTP", () => {
  const warehouse = {
    kind: "postgres",
    host: "127.0.0.1",
    port: 1,
    login: "etl",
    password: "canary-secret",
    extra: { sslmode: "canary-extra" },
  };

  test("are kept, changed and removed without ever showing a secret", async () => {
    const made = await api("POST", "/connections", { id: "Warehouse_1", ...warehouse });
    expect(made).toMatchObject({
      status: 201,
      body: {
        id: "Warehouse_1",
        kind: "postgres",
        has_password: true,
        extra_keys: ["sslmode"],
        used_by: 0,
        version: 1,
      },
    });
    expect((await api("POST", "/connections", { id: "Warehouse_1", ...warehouse })).status).toBe(409);
    const { password: _password, extra: _extra, ...open } = warehouse;
    expect((await api("PUT", "/connections/Warehouse_1", { ...open, schema: "sales" })).body).toMatchObject({
      code: "VERSION_MISSING",
    });
    const changed = await api("PUT", "/connections/Warehouse_1", { ...open, schema: "sales" }, { "if-match": '"1"' });
    expect(changed.body).toMatchObject({ schema: "sales", has_password: true, extra_keys: ["sslmode"], version: 2 });
    expect(await fleet.airfleet.control.connections.find("Warehouse_1")).toMatchObject({
      password: "canary-secret",
      schema: "sales",
    });
    const forgotten = await api(
      "PUT",
      "/connections/Warehouse_1",
      { ...open, password: null, extra: {} },
      { "if-match": '"2"' },
    );
    expect(forgotten.body).toMatchObject({ has_password: false, extra_keys: [] });
    const answers = [await api("GET", "/connections"), made, changed, await api("GET", "/audit")];
    expect(JSON.stringify(answers.map(({ body }) => body))).not.toContain("canary");
    expect(fleet.log.join("\n")).not.toContain("canary-secret");
    expect((await api("DELETE", "/connections/Warehouse_1", undefined, { "if-match": '"3"' })).status).toBe(204);
    expect((await api("GET", "/connections/Warehouse_1")).status).toBe(404);
    expect((await api("POST", "/connections", { id: "../x", kind: "postgres" })).status).toBe(400);
    expect((await api("POST", "/connections", { id: "x", kind: "oracle" })).status).toBe(400);
  });

  test("are found in the store, then in the environment; what cannot be read is said without its value", async () => {
    const from = (id: string) =>
      api("POST", "/pipelines/validate-config", {
        config: chain(
          node("get", "extractor", "s3-extractor", { connection_id: id, bucket: "lake", key: "a.csv" }),
          write,
        ),
      });
    expect((await from("lake")).body).toMatchObject({ valid: true });
    expect((await from("ocean")).body.errors).toMatchObject([
      { type: "missing_connection", node: "get", field: "config.connection_id" },
    ]);
    await api("POST", "/connections", { id: "ocean", kind: "postgres" });
    expect((await from("ocean")).body.errors.at(0)?.message).toContain("of kind postgres in Airfleet");
    expect((await api("POST", "/connections/lake/check", {})).body).toMatchObject({
      source: "environment",
      variable: "AIRFLEET_CONN_LAKE",
      kind: "aws",
      reach: null,
    });
    const broken = await api("POST", "/connections/broken/check", {});
    expect(broken).toMatchObject({ status: 422, body: { code: "CONNECTION_UNREADABLE" } });
    expect(JSON.stringify(broken.body)).not.toContain("canary");
    expect((await api("POST", "/connections/nowhere/check", { instances: ["client1"] })).body).toMatchObject({
      source: null,
      instances: [{ instance: "client1", has: false }],
    });
  });

  test("are not used to look around in our network", async () => {
    await api("POST", "/connections", { id: "inside", ...warehouse });
    const { body } = await api("POST", "/connections/inside/check", {});
    expect(body.reach).toMatchObject({
      address: "127.0.0.1:1",
      ok: false,
      error: expect.stringContaining("network.allow"),
    });
  });
});
