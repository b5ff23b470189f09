import { AirfleetError, toDagId, toInstanceId, toRunId } from "@airfleet/model";
import { describe, expect, it } from "vitest";
import { createConfirming } from "../../src/inbox/confirm-runs.ts";
import { silentLogger } from "../../src/logger.ts";
import { aStore, unreachable } from "../fleet-fixture.ts";
import { ManualClock } from "../manual-clock.ts";

type Ports = Parameters<typeof createConfirming>[0];

const place = { instance: toInstanceId("eu"), dagId: toDagId("harvest"), runId: toRunId("manual__1") };
const leftAlone = (seconds: number): AirfleetError =>
  new AirfleetError(
    "INSTANCE_UNREACHABLE",
    { instance: "eu", url: "http://eu", reason: "left alone", sent: false },
    { retryAfterSeconds: seconds },
  );

/** Tries to confirm one run, of which reading does as told; answers the seconds at which it was asked. */
const secondsOfReadings = async (read: (second: number) => AirfleetError | undefined): Promise<readonly number[]> => {
  const store = await aStore();
  const clock = new ManualClock(0);
  const asked: number[] = [];
  let isAlone = false;
  const ports = {
    store,
    registry: {
      list: () => [{ config: { id: place.instance, enabled: true } }],
      use: (_: unknown, work: (engine: object) => Promise<unknown>) => work({}),
      breaker: () => (isAlone ? "open" : "closed"),
    },
    reader: {
      read: async () => {
        const second = Math.round(clock.now() / 1_000);
        asked.push(second);
        const error = read(second);
        isAlone = error?.retryAfterSeconds !== undefined;
        if (error !== undefined) throw error;
      },
    },
    tracker: { timeOf: (_: unknown, at: number) => at },
    isOurs: () => true,
    clock,
    logger: silentLogger,
    random: () => 1,
  } as unknown as Ports;
  await store.inbox.confirmations.ask(place, 0);
  const confirming = createConfirming(ports);
  confirming.start();
  const isWaiting = async () => (await store.inbox.confirmations.instances()).length > 0;
  for (let second = 0; second < 400 && (await isWaiting()); second += 1) await clock.advance(1_000);
  const stopped = confirming.stop();
  await clock.advance(1_000);
  await stopped;
  return asked;
};

describe("confirming a reported run", () => {
  it("is tried at the moment at which a call is let through, where others have made the instance be left alone", async () => {
    const seconds = await secondsOfReadings((second) => (second < 30 ? leftAlone(30 - second) : undefined));
    expect(seconds[0]).toBeLessThanOrEqual(1);
    expect(seconds.at(-1)).toBeLessThanOrEqual(32);
    expect(seconds.length).toBeLessThanOrEqual(3);
  });

  it("waits longer after each try that the instance itself failed", async () => {
    const seconds = await secondsOfReadings((second) => (second < 30 ? unreachable("eu") : undefined));
    const gaps = seconds.slice(1).map((second, index) => second - (seconds[index] ?? 0));
    expect(gaps.length).toBeGreaterThanOrEqual(2);
    expect(gaps).toEqual(gaps.toSorted((left, right) => left - right));
  });
});
