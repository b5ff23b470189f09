import { array, assert, constantFrom, property } from "fast-check";
import { describe, expect, it } from "vitest";
import { createRedactor, SECRET_KEY_PARTS } from "../src/audit/redact-secrets.ts";
import { bePatient } from "./patience.ts";

bePatient();

describe("taking secrets out", () => {
  const redact = createRedactor(["pesel", " X-Trace "]);

  it("hides values whose key looks secret, in whatever spelling, and keeps the rest", () => {
    expect(
      redact({ Db_Password: "a", "api-key": "b", AUTH_TOKEN: ["c"], key: "d", sort_key: "e", n: 1, day: "2026-11-20" }),
    ).toEqual({
      Db_Password: "***",
      "api-key": "***",
      AUTH_TOKEN: "***",
      key: "***",
      sort_key: "e",
      n: 1,
      day: "2026-11-20",
    });
  });

  it("hides passwords in URLs, wherever they stand", () => {
    expect(redact(["use postgres://app:canary@db/x and https://x.example/a:b@c"])).toEqual([
      "use postgres://app:***@db/x and https://x.example/a:b@c",
    ]);
  });

  it("takes more parts of names from the settings", () => {
    expect(redact({ client_PESEL: "1", xtrace: "2" })).toEqual({ client_PESEL: "***", xtrace: "***" });
  });

  it("leaves flags and nulls: `is_secret: true` is no secret", () => {
    expect(redact({ is_secret: true, password: null })).toEqual({ is_secret: true, password: null });
  });

  it("never lets a planted secret through, at any depth", () => {
    const planted = constantFrom(...SECRET_KEY_PARTS).map((name) => ({ [`my_${name.toUpperCase()}_x`]: "canary" }));
    const tree = planted.chain((secret) =>
      array(constantFrom("list", "object", "text"), { maxLength: 12 }).map((levels) =>
        levels.reduce<unknown>(
          (inner, level) =>
            level === "list" ? [1, inner] : level === "object" ? { inner, day: 1 } : { text: "a", inner },
          secret,
        ),
      ),
    );
    assert(
      property(tree, (value) => {
        expect(JSON.stringify(redact(value))).not.toContain("canary");
      }),
    );
  });

  it("ends on a value of any depth", () => {
    let deep: unknown = "canary";
    for (let level = 0; level < 10_000; level += 1) deep = { a: deep };
    expect(JSON.stringify(redact(deep))).not.toContain("canary");
  });
});
