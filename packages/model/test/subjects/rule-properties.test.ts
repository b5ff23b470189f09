import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  compileSubjectRule,
  parseStateWords,
  RUN_STATES,
  type RunFacts,
  STATE_WORD_TABLES,
  subjectIdMistake,
  subjectRefMistake,
  SubjectRule,
} from "../../src/index.ts";
import { CapturePatternMistake, parseCapturePattern } from "../../src/subjects/capture-pattern.ts";

const anyConf = fc.dictionary(
  fc.constantFrom("id", "ids", "items", "a", "odd key", "__proto__"),
  fc.jsonValue({ maxDepth: 3 }),
);
const anyFacts = fc.record({
  instance: fc.constantFrom("eu-1", "EU-2", "us-1"),
  dagId: fc.constantFrom("index", "harvest_a"),
  runId: fc.string({ unit: "binary", maxLength: 40 }),
  logicalDate: fc.constantFrom(null, "2026-11-21T00:00:00Z"),
  conf: fc.option(anyConf),
});
const anyTemplate = fc
  .array(
    fc.oneof(
      fc.constantFrom(
        "{{ conf.id }}",
        "{{ conf.ids[] }}",
        "{{ conf.items[].id }}",
        '{{ conf["odd key"] }}',
        "{{ conf.a.b[0] }}",
        "{{ run_id }}",
        "{{ logical_date }}",
        "{{ conf.__proto__ }}",
        "{{",
        "}}",
      ),
      fc.string({ maxLength: 6 }),
    ),
    { minLength: 1, maxLength: 4 },
  )
  .map((parts) => parts.join(""));
const anyRule = fc.record({
  dags: fc.constantFrom(["*"], ["harvest_*"]),
  subjects: fc.array(fc.record({ type: fc.constant("thing"), id: anyTemplate, label: anyTemplate, url: anyTemplate }), {
    minLength: 1,
    maxLength: 3,
  }),
});

describe("whatever a rule and a run hold", () => {
  test("a rule that was accepted never throws, and every subject it gives is one", () => {
    fc.assert(
      fc.property(anyRule, anyFacts, (written, facts: RunFacts) => {
        const parsed = SubjectRule.safeParse(written);
        if (!parsed.success) return true;
        const { subjects } = compileSubjectRule(parsed.data).compiled.apply(facts);
        return subjects.every((subject) => subjectRefMistake(subject) === null);
      }),
      { numRuns: 2_000 },
    );
  });

  test("a rule that is refused is refused with a place in it", () => {
    fc.assert(
      fc.property(anyRule, (written) => {
        const parsed = SubjectRule.safeParse(written);
        return parsed.success || parsed.error.issues.every(({ path }) => path[0] === "subjects");
      }),
    );
  });

  test("any text is an id unless it is empty, too long, or cannot be stored or shown", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary", maxLength: 2_100 }), (text) => {
        const isGood = text !== "" && text.length <= 2_000 && !/\p{Cc}/u.test(text) && text.isWellFormed();
        return (subjectIdMistake(text) === null) === isGood;
      }),
    );
  });
});

const escape = (text: string): string => text.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`);

/** The same pattern as a regular expression, which is slow on bad patterns but says what is meant. */
const toRegExp = (pattern: string): RegExp =>
  new RegExp(
    `^${pattern
      .split(/(\{[a-z]+\}|\*)/)
      .map((part) => (part === "*" ? "[^]*?" : part.startsWith("{") ? `(?<${part.slice(1, -1)}>[^]+?)` : escape(part)))
      .join("")}$`,
  );

describe("a pattern", () => {
  const anyPattern = fc
    .array(fc.constantFrom("{x}", "{y}", "*", "a", "b", "__", "ab"), { minLength: 1, maxLength: 6 })
    .map((parts) => parts.join(""));
  const anyText = fc
    .array(fc.constantFrom("a", "b", "_", "__", "ab"), { maxLength: 10 })
    .map((parts) => parts.join(""));

  test("takes out what the regular expression of the same meaning takes out", () => {
    fc.assert(
      fc.property(anyPattern, anyText, (written, text) => {
        let captured: Readonly<Record<string, string>> | null;
        try {
          captured = parseCapturePattern(written).capture(text);
        } catch (error) {
          if (error instanceof CapturePatternMistake) return;
          throw error;
        }
        const groups = toRegExp(written).exec(text)?.groups;
        expect(captured).toEqual(groups === undefined ? null : { ...groups });
      }),
      { numRuns: 3_000 },
    );
  });

  test("of many parts reads a long text at once", () => {
    const pattern = parseCapturePattern(`{x}${"a*".repeat(14)}a`);
    const began = performance.now();
    expect(pattern.capture("a".repeat(250_000))).not.toBeNull();
    expect(pattern.capture(`${"a".repeat(250_000)}b`)).toBeNull();
    expect(performance.now() - began).toBeLessThan(1_000);
  });
});

describe("state words", () => {
  test.each(Object.entries(STATE_WORD_TABLES))("%s has a word for every state", (_name, words) => {
    expect(Object.keys(words).sort()).toEqual([...RUN_STATES].sort());
  });

  test("a table of one's own must have one too", () => {
    const whole = RUN_STATES.map((state) => `${state}=w ${state}`).join(",");
    expect(parseStateWords(whole)).toMatchObject({ queued: "w queued", lost: "w lost" });
    for (const state of RUN_STATES) {
      const without = RUN_STATES.filter((other) => other !== state).map((other) => `${other}=w`);
      expect(parseStateWords(without.join(","))).toEqual({ mistake: expect.stringContaining(`no word for ${state}`) });
    }
  });

  test.each(["", "cinco2", "queued=", "queued=a,queued=b", "waiting=a", "queued", "=a", "queued=<b>"])(
    "%j is refused",
    (text) => {
      expect(parseStateWords(text)).toHaveProperty("mistake");
    },
  );
});
