import { describe, expect, it } from "vitest";
import type { Logger } from "../src/index.ts";
import { aDag, FakeInstance } from "./fake-instance.ts";
import { aFleet, eventually, unreachable } from "./fleet-fixture.ts";

interface Line {
  readonly level: string;
  readonly message: string;
  readonly fields: object;
}

const keepLines = (lines: Line[]): Logger => {
  const keep =
    (level: string) =>
    (fields: object, message: string): void =>
      void lines.push({ level, message, fields });
  return { debug: keep("debug"), info: keep("info"), warn: keep("warn"), error: keep("error") };
};

describe("the log of polling", () => {
  it("tells of an instance that cannot be read once, whichever feeds fail, and once that it can be read again", async () => {
    const fake = new FakeInstance("eu").add(aDag("orders"));
    let isDown = false;
    fake.fault = (operation) => {
      if (isDown && operation !== "probe") throw unreachable("eu");
    };
    const lines: Line[] = [];
    const { control } = await aFleet([fake], {
      config: { limits: { sweep_seconds: 1 } },
      logger: keepLines(lines),
    });
    const told = (message: string): readonly Line[] => lines.filter((line) => line.message === message);
    control.startReconcilers();
    await eventually(() => control.instances.get(fake.id).status.dagsObservedAt !== null);
    isDown = true;
    const calls = (): readonly number[] => [fake.count("listDags"), fake.count("listRuns")];
    const [dags = 0, runs = 0] = calls();
    await eventually(() => fake.count("listDags") > dags && fake.count("listRuns") > runs);
    await eventually(() => control.instances.get(fake.id).status.error !== null);
    isDown = false;
    await eventually(() => told("an instance can be read again").length > 0);
    expect(told("an instance could not be read")).toHaveLength(1);
    expect(told("an instance can be read again")).toMatchObject([{ level: "info", fields: { instance: "eu" } }]);
  }, 60_000);
});
