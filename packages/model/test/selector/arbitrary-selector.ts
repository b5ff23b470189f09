import fc from "fast-check";
import { ENGINE_KINDS, RUN_STATES, RUN_TYPES, type Selector, type SelectorTerm, TIERS } from "../../src/index.ts";

type Values = Extract<SelectorTerm, { kind: "values" }>;

const word = fc.oneof(
  fc.string(),
  fc.string({ unit: "binary", minLength: 1, maxLength: 12 }),
  fc.constantFrom("a", "eu-*", '"', "\\", "*"),
);
const equality = fc.constantFrom("=" as const, "!=" as const);
const order = fc.constantFrom(">" as const, "<" as const, ">=" as const, "<=" as const);
const listOf = (value: fc.Arbitrary<string>) => fc.array(value, { minLength: 1, maxLength: 3 });

const values = (
  key: fc.Arbitrary<string>,
  operator: fc.Arbitrary<Values["operator"]>,
  list: fc.Arbitrary<string[]>,
  name: fc.Arbitrary<string | null> = fc.constant(null),
): fc.Arbitrary<SelectorTerm> => fc.record({ kind: fc.constant("values" as const), key, name, operator, values: list });

const name = fc.string({ minLength: 1 });
const one = (value: fc.Arbitrary<string>) => value.map((text) => [text]);
const text = word.filter((value) => value !== "");

const instanceTerm = fc.oneof(
  values(fc.constantFrom("instance", "version"), equality, listOf(word)),
  values(fc.constant("label"), equality, listOf(word), name),
  values(fc.constant("engine"), equality, listOf(fc.constantFrom(...ENGINE_KINDS, "*"))),
  values(fc.constant("tier"), equality, listOf(fc.constantFrom(...TIERS, "prod*"))),
);
const dagTerm = fc.oneof(
  values(fc.constantFrom("dag", "tag", "owner"), equality, listOf(word)),
  fc.record({
    kind: fc.constant("flag" as const),
    key: fc.constantFrom("paused", "stale", "broken"),
    wanted: fc.boolean(),
  }),
);
const runTerm = fc.oneof(
  values(fc.constant("state"), equality, listOf(fc.constantFrom(...RUN_STATES))),
  values(fc.constant("type"), equality, listOf(fc.constantFrom(...RUN_TYPES))),
  values(fc.constantFrom("note", "run", "trigger"), fc.constant("=" as const), one(text)),
  values(fc.constant("subject"), fc.constant("=" as const), one(text.map((id) => `finding-aid/${id}`))),
  values(fc.constant("conf"), fc.constant("=" as const), one(text), name),
  values(fc.constantFrom("due", "started", "ended"), order, one(fc.constantFrom("7d", "2026-11-20T03:00:00Z"))),
  values(fc.constant("duration"), order, one(fc.constantFrom("10m", "1h30m", "0.5s"))),
);

const SINGLE = new Set(["note", "run", "trigger", "subject", "conf"]);

/** Any selector that may be written. */
export const arbitrarySelector: fc.Arbitrary<Selector> = fc.oneof(
  fc.record({
    scope: fc.constant("instances" as const),
    terms: fc.array(instanceTerm, { minLength: 1, maxLength: 5 }),
  }),
  fc.record({
    scope: fc.constant("dags" as const),
    terms: fc.array(fc.oneof(instanceTerm, dagTerm), { minLength: 1, maxLength: 5 }),
  }),
  fc.record({
    scope: fc.constant("runs" as const),
    terms: fc.uniqueArray(fc.oneof(instanceTerm, dagTerm, runTerm), {
      minLength: 1,
      maxLength: 6,
      selector: (term) =>
        SINGLE.has(term.key) ? `${term.key} ${"name" in term ? term.name : ""}` : JSON.stringify(term),
    }),
  }),
);
