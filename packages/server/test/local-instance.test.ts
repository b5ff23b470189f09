import type { ConfiguredInstance } from "@airfleet/control";
import { InstanceConfig } from "@airfleet/model";
import { expect, test } from "vitest";
import { withLocalInstance } from "../src/composition/local-instance.ts";

const configured = (id: string): ConfiguredInstance => ({
  config: InstanceConfig.parse({ id, url: "http://airflow.example" }),
  source: "airfleet.yaml",
  place: "airfleet.yaml:1:1",
});

const idsBeside = async (files: readonly string[], stored: readonly string[]): Promise<readonly string[]> => {
  const load = withLocalInstance({ load: async () => files.map(configured), storedIds: async () => stored });
  return (await load()).map(({ config }) => config.id);
};

test("this machine is the instance local, without an address", async () => {
  const [local] = await withLocalInstance({ load: async () => [], storedIds: async () => [] })();
  expect(local?.config).toMatchObject({ id: "local", engine: "embedded", url: "" });
});

test("where a file or the store has that name, in whatever case, it is airfleet-local", async () => {
  expect(await idsBeside(["Local"], [])).toEqual(["Local", "airfleet-local"]);
  expect(await idsBeside([], ["local"])).toEqual(["airfleet-local"]);
});

test("an Airflow without an address is refused, an embedded engine is not", () => {
  expect(InstanceConfig.safeParse({ id: "x" }).error?.issues).toMatchObject([{ path: ["url"] }]);
  expect(InstanceConfig.safeParse({ id: "x", url: "ftp://x" }).error?.issues).toMatchObject([
    { code: "invalid_format", path: ["url"] },
  ]);
  const stored = InstanceConfig.parse({ id: "x", engine: "embedded" });
  expect(InstanceConfig.parse(stored)).toEqual(stored);
});
