import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { AirfleetError } from "@airfleet/model";
import { toStoreError } from "../src/backend/store-error.ts";
import { fromCursor, toCursor } from "../src/paging/cursor.ts";
import { createSecretBox } from "../src/secrets/secret-box.ts";
import { generateSecretKey, parseSecretKey } from "../src/secrets/secret-key.ts";
import { createSortableIds } from "../src/sortable-id.ts";
import { toCanonicalJson } from "../src/text/canonical-json.ts";
import { PATIENT } from "./backends.ts";

describe("cursor", PATIENT, () => {
  it("gives its key back to the list and query it was made for, and to no other", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), fc.integer(), fc.jsonValue({ maxDepth: 2 }), (text, number, query) => {
        const cursor = toCursor("runs", query, [text.toWellFormed(), number]);
        expect(fromCursor("runs", query, ["string", "number"], cursor)).toEqual([text.toWellFormed(), number]);
        expect(() => fromCursor("dags", query, ["string", "number"], cursor)).toThrow(AirfleetError);
        expect(() => fromCursor("runs", query, ["number", "number"], cursor)).toThrow(AirfleetError);
        expect(() => fromCursor("runs", { query, more: 1 }, ["string", "number"], cursor)).toThrow(AirfleetError);
      }),
      { numRuns: 30 },
    );
  });
});

describe("sortable id", PATIENT, () => {
  it("rises in order of text, also when the clock stands still or goes back", () => {
    let now = 1_000_000;
    const newId = createSortableIds(() => now);
    const ids = Array.from({ length: 5_000 }, (_, index) => {
      now += [0, 0, 1, -50, 3][index % 5] ?? 0;
      return newId("act");
    });
    expect(ids.toSorted()).toEqual(ids);
    expect(new Set(ids).size).toBe(ids.length);
    expect(ids[0]).toMatch(/^act_[0-9a-hjkmnp-tv-z]{26}$/);
  });
});

describe("secret box", PATIENT, () => {
  const box = createSecretBox(parseSecretKey(generateSecretKey(), "test"));
  const place = { table: "t", row: "r", field: "f" };

  it("opens what it sealed, at its place only", () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 2 }), (value) => {
        const sealed = box.seal(place, value);
        expect(box.open(place, sealed)).toEqual(JSON.parse(JSON.stringify(value)));
        expect(() => box.open({ ...place, row: "other" }, sealed)).toThrow(/does not open/);
      }),
      { numRuns: 30 },
    );
  });

  it("refuses a value with any character changed, and never seals twice alike", () => {
    const sealed = box.seal(place, { password: "canary" });
    expect(box.seal(place, { password: "canary" })).not.toBe(sealed);
    fc.assert(
      fc.property(fc.nat(sealed.length - 2), (index) => {
        const letter = sealed[index] === "A" ? "B" : "A";
        const changed = sealed.slice(0, index) + letter + sealed.slice(index + 1);
        // The format's own two letters are not part of what is authenticated.
        fc.pre(index > 2);
        expect(() => box.open(place, changed)).toThrow(AirfleetError);
      }),
      { numRuns: 60 },
    );
  });

  it("takes keys in base64, base64url and hex, and names an unfit one by its source only", () => {
    const base64 = generateSecretKey();
    const hex = Buffer.from(base64, "base64").toString("hex");
    const { id } = parseSecretKey(` ${base64}\n`, "file");
    expect(parseSecretKey(hex, "file").id).toBe(id);
    expect(parseSecretKey(Buffer.from(hex, "hex").toString("base64url"), "file").id).toBe(id);
    for (const bad of ["", "canary", `${base64}x`, hex.slice(1)]) {
      expect(() => parseSecretKey(bad, "AIRFLEET_SECRET_KEY")).toThrow(
        /The secret key from AIRFLEET_SECRET_KEY is not/,
      );
    }
  });
});

describe("canonical JSON", PATIENT, () => {
  it("is the same for equal values, whatever the order of their keys", () => {
    const shuffled = (value: unknown): unknown =>
      Array.isArray(value)
        ? value.map(shuffled)
        : typeof value === "object" && value !== null
          ? Object.fromEntries(
              Object.entries(value)
                .toReversed()
                .map(([key, inner]) => [key, shuffled(inner)]),
            )
          : value;
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 2 }), (value) => {
        expect(toCanonicalJson(shuffled(value))).toBe(toCanonicalJson(value));
        expect(JSON.parse(toCanonicalJson(value))).toEqual(JSON.parse(JSON.stringify(value)));
      }),
    );
  });
});

describe("errors of the drivers", PATIENT, () => {
  it.each([
    [{ code: "ERR_SQLITE_ERROR", errcode: 5 }, "STORE_BUSY"],
    [{ code: "ERR_SQLITE_ERROR", errcode: 13 }, "STORE_UNAVAILABLE"],
    [{ code: "ERR_SQLITE_ERROR", errcode: 1032 }, "STORE_UNAVAILABLE"],
    [{ code: "ERR_SQLITE_ERROR", errcode: 11 }, "STORE_DAMAGED"],
    [{ code: "ECONNREFUSED" }, "STORE_UNAVAILABLE"],
    [{ code: "57014" }, "STORE_BUSY"],
    [{ code: "55P03" }, "STORE_BUSY"],
    [{ code: "57P01" }, "STORE_UNAVAILABLE"],
    [{ code: "53100" }, "STORE_UNAVAILABLE"],
    [{ message: "Connection terminated unexpectedly" }, "STORE_UNAVAILABLE"],
  ])("%o is %s", (fields, code) => {
    expect(toStoreError(Object.assign(new Error("x"), fields))).toMatchObject({ code });
  });

  it("leaves alone what is a defect of ours", () => {
    for (const fields of [{ code: "ERR_SQLITE_ERROR", errcode: 1 }, { code: "42P01" }, { code: "23505" }, {}]) {
      const error = Object.assign(new Error("x"), fields);
      expect(toStoreError(error)).toBe(error);
    }
  });
});
