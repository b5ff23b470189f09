import { describe, expect, it } from "vitest";
import { silentLogger } from "../src/index.ts";
import { createLoop } from "../src/reconcilers/loop.ts";
import { keepLease } from "../src/actions/lease-keeper.ts";
import { ManualClock } from "./manual-clock.ts";
import { bePatient } from "./patience.ts";

bePatient();

const parts = () => ({ clock: new ManualClock(), logger: silentLogger, random: () => 0.5 });

describe("a reconciler's loop", () => {
  it("sleeps as long as the step says, and at once on a wake-up", async () => {
    const { clock, ...rest } = parts();
    const at: number[] = [];
    const step = () => Promise.resolve(at.push(clock.now())).then(() => 1_000);
    const loop = createLoop({ name: "test", step, clock, ...rest });
    loop.start();
    await clock.advance(2_500);
    loop.wake();
    await clock.advance(100);
    expect(at.map((time) => time - 1_000_000)).toEqual([0, 1_000, 2_000, 2_500]);
    await loop.stop();
  });

  it("does not lose a wake-up that comes during a step", async () => {
    const { clock, ...rest } = parts();
    let steps = 0;
    const loop = createLoop({
      name: "test",
      step: () => {
        steps += 1;
        if (steps === 1) loop.wake();
        return Promise.resolve(60_000);
      },
      clock,
      ...rest,
    });
    loop.start();
    await clock.advance(10);
    expect(steps).toBe(2);
    await loop.stop();
  });

  it("goes on after a step that throws, less and less eagerly", async () => {
    const { clock, ...rest } = parts();
    let steps = 0;
    const step = () => Promise.reject(new Error(`step ${++steps}`));
    const loop = createLoop({ name: "test", step, clock, ...rest });
    loop.start();
    await clock.advance(10_000);
    expect(steps).toBeGreaterThan(3);
    expect(steps).toBeLessThan(10);
    await loop.stop();
  });

  it("lets the step in progress end when it is stopped, and does no other", async () => {
    const { clock, ...rest } = parts();
    let ended = false;
    const loop = createLoop({
      name: "test",
      step: async (signal) => {
        await new Promise((resolve) => signal.addEventListener("abort", resolve));
        ended = true;
        return 0;
      },
      clock,
      ...rest,
    });
    loop.start();
    await clock.advance(10);
    await loop.stop();
    expect(ended).toBe(true);
  });
});

const keep = (clock: ManualClock, renew: () => Promise<boolean>) =>
  keepLease({ renew, leaseMs: 30_000, heartbeatMs: 10_000, clock });

describe("keeping a lease", () => {
  it("goes on as long as it is prolonged", async () => {
    const clock = new ManualClock();
    let beats = 0;
    const keeper = keep(clock, () => Promise.resolve(++beats > 0));
    await clock.advance(120_000);
    expect(keeper.signal.aborted).toBe(false);
    expect(beats).toBe(12);
    keeper.stop();
  });

  it("ends the work at once when somebody else has it", async () => {
    const clock = new ManualClock();
    const keeper = keep(clock, () => Promise.resolve(false));
    await clock.advance(10_000);
    expect(keeper.signal.aborted).toBe(true);
  });

  it("ends the work before the lease ends when the store does not answer", async () => {
    const clock = new ManualClock();
    const keeper = keep(clock, () => Promise.reject(new Error("down")));
    await clock.advance(28_000);
    expect(keeper.signal.aborted).toBe(false);
    await clock.advance(1_500);
    expect(keeper.signal.aborted).toBe(true);
    keeper.stop();
  });
});
