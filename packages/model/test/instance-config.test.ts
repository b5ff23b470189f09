import { describe, expect, test } from "vitest";
import { InstanceConfig } from "../src/index.ts";

const minimal = { id: "eu-1", url: "https://airflow.example.org" };

describe("instance configuration", () => {
  test("an id and a url are enough", () => {
    expect(InstanceConfig.parse(minimal)).toMatchObject({
      engine: "airflow",
      enabled: true,
      tier: "development",
      auth: { type: "none" },
      limits: { queue: 64, timeout_ms: 30_000 },
      tls: { insecure: false },
    });
  });

  test.each(["", "-a", ".a", "a/b", "a b", "x".repeat(65), "ä"])("id %j is refused", (id) => {
    expect(InstanceConfig.safeParse({ ...minimal, id }).success).toBe(false);
  });

  test.each(["ftp://a", "airflow.example.org", "javascript:alert(1)", "file:///etc/passwd"])(
    "url %s is refused",
    (url) => {
      expect(InstanceConfig.safeParse({ ...minimal, url }).success).toBe(false);
    },
  );

  test("an unknown key is refused", () => {
    expect(InstanceConfig.safeParse({ ...minimal, urll: "x" }).success).toBe(false);
    expect(
      InstanceConfig.safeParse({ ...minimal, auth: { type: "basic", username: "a", passwort: "b" } }).success,
    ).toBe(false);
  });

  test("a secret may be a text, a variable or a file", () => {
    for (const password of ["text", { env: "PASSWORD" }, { file: "/run/secrets/x" }]) {
      expect(InstanceConfig.safeParse({ ...minimal, auth: { type: "basic", username: "a", password } }).success).toBe(
        true,
      );
    }
  });

  test("a header name with a line break is refused", () => {
    expect(InstanceConfig.safeParse({ ...minimal, headers: { "X-A\r\nB": "c" } }).success).toBe(false);
  });
});
