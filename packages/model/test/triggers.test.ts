import { describe, expect, it } from "vitest";
import {
  CONF_DEPTH,
  checkConf,
  isAirfleetError,
  NOTE_LIMIT,
  slashesToColons,
  toPrefixedRunId,
  toTriggerNote,
} from "../src/index.ts";

const codeOf = (work: () => unknown): string | undefined => {
  try {
    work();
    return undefined;
  } catch (error) {
    return isAirfleetError(error) ? error.code : String(error);
  }
};

const nested = (depth: number): unknown => {
  let value: unknown = {};
  for (let level = 1; level < depth; level += 1) value = { a: value };
  return value;
};

describe("a conf", () => {
  it("is an object, however it is filled", () => {
    const conf = { a: [1, { b: null }], "": "x", day: "2026-11-20" };
    expect(checkConf(conf)).toBe(conf);
    expect(checkConf(nested(CONF_DEPTH))).toBeDefined();
  });

  it.each([[[]], ["text"], [null], [3], [true], [undefined]])("is refused when it is %j", (value) => {
    expect(codeOf(() => checkConf(value))).toBe("CONF_UNUSABLE");
  });

  it("is refused when it nests too deep, even a hundred thousand levels", () => {
    expect(codeOf(() => checkConf(nested(CONF_DEPTH + 1)))).toBe("CONF_UNUSABLE");
    expect(codeOf(() => checkConf(nested(100_000)))).toBe("CONF_UNUSABLE");
  });

  it.each(['{"a":[{"__proto__":{"x":1}}]}', '{"constructor":1}', '{"a":{"prototype":1}}'])(
    "is refused as %s",
    (text) => {
      expect(codeOf(() => checkConf(JSON.parse(text)))).toBe("CONF_UNUSABLE");
    },
  );
});

describe("a prefixed run id", () => {
  const atMs = Date.parse("2026-11-21T10:00:00.123Z") + 0.456;

  it("is the prefix and the moment as Python writes it", () => {
    expect(toPrefixedRunId("cinco__bulk", { atMs })).toBe("cinco__bulk__2026-11-21T10:00:00.123456+00:00");
    expect(toPrefixedRunId("p", { atMs, mark: "ab12" })).toBe("p__2026-11-21T10:00:00.123456+00:00__ab12");
  });

  it("takes no slash, unless slashes are made colons first", () => {
    expect(codeOf(() => toPrefixedRunId("cinco__ark:/13030/x", { atMs }))).toBe("RUN_ID_INVALID");
    expect(() => toPrefixedRunId("cinco__ark:/13030/x", { atMs })).toThrow('"map_slashes": true');
    expect(toPrefixedRunId(slashesToColons("cinco__ark:/13030/x"), { atMs })).toMatch(/^cinco__ark::13030:x__2026/);
  });

  it.each(["a b", "ünï", "scheduled__", "a..b", "x".repeat(230)])("refuses the prefix %s", (prefix) => {
    expect(codeOf(() => toPrefixedRunId(prefix, { atMs }))).toBe("RUN_ID_INVALID");
  });
});

describe("a note", () => {
  it("names the project behind what the caller says", () => {
    expect(toTriggerNote("Index 3 aids", "cinco-stage")).toBe(
      "Index 3 aids | Triggered using Airfleet from cinco-stage",
    );
    expect(toTriggerNote(undefined, "cinco")).toBe("Triggered using Airfleet from cinco");
    expect(toTriggerNote("as given", undefined)).toBe("as given");
    expect(toTriggerNote(undefined, undefined)).toBeUndefined();
  });

  it("gives way so that the project stays within the limit", () => {
    const note = toTriggerNote("x".repeat(NOTE_LIMIT), "cinco") ?? "";
    expect(note).toHaveLength(NOTE_LIMIT);
    expect(note).toMatch(/… \| Triggered using Airfleet from cinco$/);
  });
});
