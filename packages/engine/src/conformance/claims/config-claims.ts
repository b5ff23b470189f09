import assert from "node:assert/strict";
import type { ConfigEntry, ConfigEntryWrite, ConfigKind } from "@airfleet/model";
import { type Claim, has } from "../claim.ts";
import type { ClaimContext } from "../context.ts";
import { present, refuses } from "../expectations.ts";

const find = async ({ engine }: ClaimContext, kind: ConfigKind, key: string): Promise<ConfigEntry> =>
  present(
    (await engine.listConfig(kind)).find((entry) => entry.key === key),
    `${kind} ${key}`,
  );

const needs: NonNullable<Claim["needs"]> = ({ writesConfig }) => writesConfig;

const SECRET = "conformance-s3cret-value";

export const configClaims: readonly Claim[] = [
  {
    title: "an entry of each kind is deleted, once",
    needs,
    async run({ engine, given }) {
      const key = given.name();
      const entries: readonly ConfigEntryWrite[] = [
        { kind: "variable", key, value: "1" },
        { kind: "connection", key, connType: "http" },
        { kind: "pool", key, slots: 1 },
      ];
      for (const entry of entries) {
        await engine.putConfig(entry);
        await engine.deleteConfig(entry.kind, key);
        assert.equal(
          (await engine.listConfig(entry.kind)).find((one) => one.key === key),
          undefined,
        );
        await refuses(() => engine.deleteConfig(entry.kind, key), "CONFIG_ENTRY_UNKNOWN");
      }
      await refuses(() => engine.deleteConfig("pool", "default_pool"), "CONFIG_ENTRY_INVALID");
    },
  },
  {
    title: "a pool counts deferred tasks as it was told to, and keeps that when told nothing",
    needs,
    async run(context) {
      const { engine, given } = context;
      const entry = { kind: "pool", key: given.name(), slots: 1 } as const;
      await engine.putConfig({ ...entry, includeDeferred: true });
      await engine.putConfig({ ...entry, slots: 2 });
      assert.deepEqual((await find(context, "pool", entry.key)).facts, { slots: 2, include_deferred: true });
    },
  },
  {
    title: "a variable is created, then replaced, and its hash tells the difference",
    needs,
    async run(context) {
      const { engine, given } = context;
      const entry = { kind: "variable", key: given.name() } as const;
      assert.equal((await engine.putConfig({ ...entry, value: "one" })).created, true);
      const first = await find(context, "variable", entry.key);
      assert.match(present(first.valueHash, "valueHash"), /^[0-9a-f]{64}$/);
      assert.equal((await engine.putConfig({ ...entry, value: "two" })).created, false);
      const second = await find(context, "variable", entry.key);
      assert.notEqual(second.valueHash, first.valueHash);
      await engine.putConfig({ ...entry, value: "one" });
      assert.equal((await find(context, "variable", entry.key)).valueHash, first.valueHash);
    },
  },
  {
    title: "equal values have equal hashes under other keys",
    needs,
    async run(context) {
      const [one, two] = [context.given.name(), context.given.name()];
      for (const key of [one, two]) await context.engine.putConfig({ kind: "variable", key, value: '{"a": [1, 2]}' });
      assert.equal((await find(context, "variable", one)).valueHash, (await find(context, "variable", two)).valueHash);
    },
  },
  {
    title: "a variable keeps its description when replaced without one",
    needs,
    async run(context) {
      const entry = { kind: "variable", key: context.given.name() } as const;
      await context.engine.putConfig({ ...entry, value: "1", description: "what it is" });
      assert.equal((await find(context, "variable", entry.key)).description, "what it is");
      await context.engine.putConfig({ ...entry, value: "2" });
      assert.equal((await find(context, "variable", entry.key)).description, "what it is");
    },
  },
  {
    title: "keys with slashes, spaces, percent signs and umlauts are written and found",
    needs,
    async run(context) {
      for (const odd of ["a/b", "a b", "50%2F", "ü", "a?b#c", "a+b:c"]) {
        const entry = { kind: "variable", key: `${context.given.name()} ${odd}`, value: odd } as const;
        assert.equal((await context.engine.putConfig(entry)).created, true);
        assert.equal((await context.engine.putConfig({ ...entry, value: "other" })).created, false);
        await find(context, "variable", entry.key);
      }
    },
  },
  {
    title: "a connection is created, then replaced, and shows what is no secret",
    needs,
    async run(context) {
      const { engine, given } = context;
      const entry = {
        kind: "connection",
        key: given.name(),
        connType: "postgres",
        host: "db.example",
        port: 5_432,
      } as const;
      assert.equal((await engine.putConfig({ ...entry, login: "me", password: SECRET })).created, true);
      const first = await find(context, "connection", entry.key);
      assert.equal(first.facts["host"], "db.example");
      assert.equal(first.facts["port"], 5_432);
      assert.equal((await engine.putConfig({ ...entry, host: "other.example" })).created, false);
      assert.equal((await find(context, "connection", entry.key)).facts["host"], "other.example");
    },
  },
  {
    title: "no value of a variable and no password is ever passed on",
    needs,
    async run({ engine, given }) {
      const key = given.name();
      const entries: readonly ConfigEntryWrite[] = [
        { kind: "variable", key, value: SECRET },
        { kind: "variable", key: `${key}_password`, value: SECRET },
        {
          kind: "connection",
          key,
          connType: "http",
          login: "me",
          password: SECRET,
          extra: JSON.stringify({ token: SECRET }),
        },
      ];
      for (const entry of entries) await engine.putConfig(entry);
      for (const kind of ["variable", "connection"] as const) {
        assert.ok(!JSON.stringify(await engine.listConfig(kind)).includes(SECRET), kind);
      }
    },
  },
  {
    title: "a pool is created, then resized",
    needs,
    async run(context) {
      const entry = { kind: "pool", key: context.given.name(), slots: 3 } as const;
      assert.equal((await context.engine.putConfig(entry)).created, true);
      assert.equal((await find(context, "pool", entry.key)).facts["slots"], 3);
      assert.equal((await context.engine.putConfig({ ...entry, slots: 5, description: "for tests" })).created, false);
      const pool = await find(context, "pool", entry.key);
      assert.equal(pool.facts["slots"], 5);
      assert.equal(pool.description, "for tests");
    },
  },
  {
    title: "there is a default pool",
    needs: has("variables"),
    async run(context) {
      assert.equal(typeof (await find(context, "pool", "default_pool")).facts["slots"], "number");
    },
  },
  {
    title: "entries come in order of their key, each once",
    needs,
    async run({ engine, given }) {
      for (const letter of ["b", "a", "c"])
        await engine.putConfig({ kind: "variable", key: `${given.name()}${letter}`, value: letter });
      const keys = (await engine.listConfig("variable")).map(({ key }) => key);
      assert.equal(new Set(keys).size, keys.length);
    },
  },
  {
    title: "what the engine would refuse or never give back is CONFIG_ENTRY_INVALID",
    needs,
    async run({ engine, given }) {
      await refuses(
        () => engine.putConfig({ kind: "connection", key: "a b/c", connType: "http" }),
        "CONFIG_ENTRY_INVALID",
      );
      await refuses(
        () => engine.putConfig({ kind: "variable", key: given.name().padEnd(300, "x"), value: "" }),
        "CONFIG_ENTRY_INVALID",
      );
      await refuses(() => engine.putConfig({ kind: "variable", key: "", value: "" }), "CONFIG_ENTRY_INVALID");
    },
  },
];
