import { toInstanceId } from "@airfleet/model";
import { describe, expect, it } from "vitest";
import { mergeSources } from "../src/fleet/merge-sources.ts";
import { checkStoredConfig } from "../src/fleet/stored-instance-rules.ts";
import { fromFile } from "./fleet-fixture.ts";

const url = "http://x.example";
const file = (id: string) => fromFile({ id, url }, "airfleet.yaml");
const stored = (id: string) => ({ config: fromFile({ id, url }).config, version: 3 });
const nothing = { files: [], stored: [], known: [], before: [] };

describe("the fleet out of its sources", () => {
  it("has instances from files first, in their order, then stored ones by id", () => {
    const fleet = mergeSources({ ...nothing, files: [file("z"), file("a")], stored: [stored("n"), stored("m")] });
    expect(fleet.map(({ config, source, version }) => [config.id, source, version])).toEqual([
      ["z", "airfleet.yaml", 1],
      ["a", "airfleet.yaml", 1],
      ["m", "stored", 3],
      ["n", "stored", 3],
    ]);
  });

  it("is refused when two sources define one id, in whatever case, and both are named", () => {
    expect(() => mergeSources({ ...nothing, files: [file("EU-prod")], stored: [stored("eu-PROD")] })).toThrow(
      'Instance "eu-PROD" is defined in airfleet.yaml and in stored. Keep one of them.',
    );
  });

  it("keeps what left its file disabled, under its old name, and forgets what was removed through the API", () => {
    const before = mergeSources({ ...nothing, files: [fromFile({ id: "old", url, name: "Old one" })] });
    const known = [
      { id: toInstanceId("old"), source: "airfleet.yaml" },
      { id: toInstanceId("ancient"), source: "config/clients.json" },
      { id: toInstanceId("deleted"), source: "stored" },
    ];
    const fleet = mergeSources({ ...nothing, known, before });
    expect(
      fleet.map(({ config, removed, source }) => [config.id, config.name, config.enabled, removed, source]),
    ).toEqual([
      ["old", "Old one", false, true, "airfleet.yaml"],
      ["ancient", undefined, false, true, "config/clients.json"],
    ]);
  });

  it("takes an instance back that returns to its file", () => {
    const known = [{ id: toInstanceId("old"), source: "airfleet.yaml" }];
    expect(mergeSources({ ...nothing, files: [file("OLD")], known })).toMatchObject([{ removed: false }]);
  });
});

const check = (config: Parameters<typeof fromFile>[0]) => () => checkStoredConfig(fromFile(config).config);

const findings = (config: Parameters<typeof fromFile>[0]): unknown => {
  try {
    check(config)();
  } catch (error) {
    return (error as { findings: readonly { pointer: string }[] }).findings.map(({ pointer }) => pointer);
  }
  return [];
};

describe("what may be configured through the API", () => {
  it("is anything with literal secrets", () => {
    expect(
      check({ id: "a", url, auth: { type: "basic", username: "u", password: "p" }, headers: { "X-A": "b" } }),
    ).not.toThrow();
    const tls = { ca: "-----BEGIN CERTIFICATE-----\n…", insecure: false };
    expect(check({ id: "a", url, tls })).not.toThrow();
  });

  it("is nothing that reads this server's environment or files, or runs a program on it", () => {
    const env = { env: "AWS_SECRET_ACCESS_KEY" };
    expect(
      findings({ id: "a", url, auth: { type: "basic", username: env, password: { file: "/etc/shadow" } } }),
    ).toEqual(["/auth/username", "/auth/password"]);
    expect(findings({ id: "a", url, auth: { type: "exec", command: ["id"], env: { X: env } } })).toEqual([
      "/auth/type",
    ]);
    expect(findings({ id: "a", url, headers: { "X-A": env } })).toEqual(["/headers/X-A"]);
    expect(findings({ id: "a", url, tls: { ca: "/etc/passwd", key: { file: "/x" } } })).toEqual([
      "/tls/key",
      "/tls/ca",
    ]);
  });
});
