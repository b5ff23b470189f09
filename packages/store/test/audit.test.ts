import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { assertAuditWhole, type Store } from "../src/index.ts";
import { type ChainedRow, chainHash } from "../src/audit/audit-entry.ts";
import { backends, PATIENT, type Place, withStore } from "./backends.ts";

const ROWS = 12;

const fill = async (store: Store, rows = ROWS): Promise<void> => {
  for (let index = 0; index < rows; index += 1) {
    await store.audit.append({
      actor: `token:${index % 3}`,
      verb: index % 2 === 0 ? "dag:pause" : "run:trigger",
      outcome: "done",
      instance: index % 2 === 0 ? "eu-1" : "us-1",
      dagId: `dag_${index}`,
      details: { index },
    });
  }
};

/** What somebody with a database client may do to a trail of `ROWS` rows. Each breaks it. */
const tampering = fc.oneof(
  fc.record({
    kind: fc.constant("edit" as const),
    seq: fc.integer({ min: 1, max: ROWS }),
    column: fc.constantFrom(
      "actor",
      "verb",
      "outcome",
      "instance_id",
      "dag_id",
      "details",
      "source_ip",
      "request_id",
      "action_id",
      "id",
    ),
  }),
  fc.record({ kind: fc.constant("redate" as const), seq: fc.integer({ min: 1, max: ROWS }) }),
  fc.record({ kind: fc.constant("delete" as const), seq: fc.integer({ min: 1, max: ROWS }) }),
  fc.record({ kind: fc.constant("truncate" as const), seq: fc.integer({ min: 1, max: ROWS }) }),
  fc.record({ kind: fc.constant("swap" as const), seq: fc.integer({ min: 1, max: ROWS - 1 }) }),
  fc.record({ kind: fc.constant("renumber" as const), seq: fc.integer({ min: 1, max: ROWS }) }),
  fc.record({ kind: fc.constant("rehash" as const), seq: fc.integer({ min: 1, max: ROWS }) }),
  fc.record({ kind: fc.constant("append" as const), seq: fc.constant(ROWS) }),
  fc.record({ kind: fc.constant("head" as const), seq: fc.integer({ min: 0, max: ROWS - 1 }) }),
);
type Tampering = typeof tampering extends fc.Arbitrary<infer T> ? T : never;

const statements = (act: Tampering): readonly string[] => {
  const { kind, seq } = act;
  switch (kind) {
    case "edit":
      return [`update audit set ${act.column} = 'mallory' where seq = ${seq}`];
    case "redate":
      return [`update audit set at = at + 1 where seq = ${seq}`];
    case "delete":
      return [`delete from audit where seq = ${seq}`];
    case "truncate":
      return [`delete from audit where seq >= ${seq}`];
    case "swap":
      return [
        `update audit set seq = 1000 where seq = ${seq}`,
        `update audit set seq = ${seq} where seq = ${seq + 1}`,
        `update audit set seq = ${seq + 1} where seq = 1000`,
      ];
    case "renumber":
      // By way of numbers that nobody has: PostgreSQL updates in whatever order the rows lie.
      return [
        `delete from audit where seq = ${seq}`,
        `update audit set seq = seq + 1000 where seq > ${seq}`,
        "update audit set seq = seq - 1001 where seq > 1000",
      ];
    case "rehash":
      return [`update audit set actor = 'mallory', hash = '${"0".repeat(64)}' where seq = ${seq}`];
    case "append":
      return [
        `insert into audit (seq, id, at, actor, verb, outcome, details, prev_hash, hash)
         select seq + 1, 'aud_x', at, actor, verb, outcome, details, hash, hash from audit where seq = ${seq}`,
      ];
    case "head":
      return [`update sequences set seq = ${seq} where name = 'audit'`];
    default:
      return kind satisfies never;
  }
};

const copyTrail = async (place: Place): Promise<void> => {
  await place.sql("create table audit_copy as select * from audit");
  await place.sql("create table sequences_copy as select * from sequences");
};

const putBack = async (place: Place): Promise<void> => {
  for (const table of ["audit", "sequences"]) {
    await place.sql(`delete from ${table}`);
    await place.sql(`insert into ${table} select * from ${table}_copy`);
  }
};

for (const backend of backends) {
  describe(`audit trail on ${backend.name}`, PATIENT, () => {
    it("chains rows in the order they were written, once", () =>
      withStore(backend, async (store) => {
        await fill(store);
        expect(await store.audit.verify()).toEqual({
          ok: true,
          rows: 0,
          lastSeq: 0,
          head: null,
          brokenAt: null,
          reason: null,
        });
        const moved = await Promise.all(Array.from({ length: 4 }, () => store.audit.sequence(5)));
        expect(moved.reduce((sum, count) => sum + count, 0)).toBe(ROWS);
        const { items } = await store.audit.list({ limit: 50 });
        expect(items.map(({ seq, details }) => [seq, details["index"]])).toEqual(
          Array.from({ length: ROWS }, (_, index) => [ROWS - index, ROWS - index - 1]),
        );
        const verification = await store.audit.verify();
        expect(verification).toMatchObject({ ok: true, rows: ROWS, lastSeq: ROWS, head: items[0]?.hash });
        expect(() => assertAuditWhole(verification)).not.toThrow();
      }));

    it("shows rows that wait for their place, each once, with those that have it", () =>
      withStore(backend, async (store) => {
        await fill(store, 5);
        await store.audit.sequence(3);
        const page = await store.audit.list({ limit: 3 });
        expect(page.items.map(({ seq }) => seq)).toEqual([null, null, 3]);
        await store.audit.sequence();
        const rest = await store.audit.list({ limit: 3, after: page.next! });
        expect([rest.items.map(({ seq }) => seq), rest.next]).toEqual([[2, 1], null]);
      }));

    it("filters by actor, verb, instance, DAG and time", () =>
      withStore(backend, async (store) => {
        await fill(store);
        await store.audit.sequence();
        const count = async (filter: object) => (await store.audit.list({ limit: 50, ...filter })).items.length;
        expect(await count({ actor: "token:0" })).toBe(4);
        expect(await count({ verbs: ["run:trigger"], instances: ["us-1", "eu-1"] })).toBe(6);
        expect(await count({ instances: ["nowhere"] })).toBe(0);
        expect(await count({ instances: [] })).toBe(0);
        expect(await count({ dagId: "dag_4" })).toBe(1);
        const { at } = (await store.audit.list({ limit: 1 })).items[0];
        expect(await count({ since: at, until: at + 1 })).toBe(ROWS);
        expect(await count({ since: at + 1 })).toBe(0);
      }));

    it(
      "finds every edit, deletion, insertion, change of order and truncation, and names the row",
      () =>
        withStore(backend, async (store, place) => {
          await fill(store);
          await store.audit.sequence();
          await copyTrail(place);
          await fc.assert(
            fc.asyncProperty(tampering, async (act) => {
              for (const statement of statements(act)) await place.sql(statement);
              const verification = await store.audit.verify();
              await putBack(place);
              expect(verification.ok).toBe(false);
              const expected = act.kind === "head" || act.kind === "append" ? act.seq + 1 : act.seq;
              expect(verification.brokenAt).toBe(expected);
              expect(() => assertAuditWhole(verification)).toThrow(
                expect.objectContaining({ code: "AUDIT_CHAIN_BROKEN" }),
              );
            }),
            { numRuns: 30 },
          );
          expect(await store.audit.verify()).toMatchObject({ ok: true, rows: ROWS });
        }),
      30_000,
    );

    it("finds a row that was rewritten together with its own hash, by the row after it or by the head", () =>
      withStore(backend, async (store, place) => {
        await fill(store);
        await store.audit.sequence();
        for (const seq of [ROWS, 5]) {
          const rows = await place.sql(`select * from audit where seq = ${seq}`);
          // pg's own client gives int8 as text.
          const row = { ...rows[0], seq, at: Number(rows[0]?.["at"]), actor: "mallory" } as unknown as ChainedRow;
          const hash = chainHash(row);
          await place.sql(`update audit set actor = 'mallory', hash = '${hash}' where seq = ${seq}`);
          expect(await store.audit.verify()).toMatchObject({ ok: false, brokenAt: Math.min(seq + 1, ROWS) });
        }
      }));

    it("verifies a trail of several batches while it grows", () =>
      withStore(backend, async (store) => {
        for (let batch = 0; batch < 3; batch += 1) {
          await store.audit.append(
            ...Array.from({ length: 700 }, (_, index) => ({
              actor: "a",
              verb: "v",
              outcome: "done" as const,
              details: { index },
            })),
          );
        }
        while ((await store.audit.sequence()) > 0);
        const growing = (async () => {
          for (let index = 0; index < 20; index += 1) {
            await fill(store, 1);
            await store.audit.sequence();
          }
        })();
        const [verification] = await Promise.all([store.audit.verify(), growing]);
        expect(verification).toMatchObject({ ok: true, brokenAt: null });
        expect(verification.rows).toBeGreaterThanOrEqual(2_100);
      }));
  });
}
