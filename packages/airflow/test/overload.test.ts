import {
  backoffMs,
  BulkheadFull,
  type Clock,
  createBreaker,
  createBulkhead,
  createRetryBudget,
  retryAfterMs,
} from "@airfleet/http";
import { toDagId } from "@airfleet/model";
import { describe, expect, it, vi } from "vitest";
import { errorOf, givenEngine, reply, startAirflowStub } from "./airflow-stub.ts";
import { sample } from "./sample.ts";

const dag = toDagId("t_ok");

/** A clock that stands until moved; `Date` moves with it, for the library inside. */
const createTestClock = (): Clock & { move(ms: number): void } => {
  let at = 1_000_000;
  vi.useFakeTimers({ toFake: ["Date"], now: at });
  return {
    now: () => at,
    monotonic: () => at,
    after: () => () => undefined,
    move: (ms) => {
      at += ms;
      vi.setSystemTime(at);
    },
  };
};

const failing = (): Promise<never> => Promise.reject(new Error("down"));
const isFailure = (error: unknown): boolean => error instanceof Error && error.message === "down";

describe("the breaker", () => {
  it("opens after five failures in a row, then 30 s, 60 s, … at most 300 s, with one call to look in between", async () => {
    const clock = createTestClock();
    try {
      const breaker = createBreaker(clock, () => 0.5, isFailure);
      for (let i = 0; i < 4; i += 1) await errorOf(breaker.run(failing));
      await breaker.run(async () => "good");
      for (let i = 0; i < 4; i += 1) await errorOf(breaker.run(failing));
      expect(breaker.state()).toBe("closed");
      await errorOf(breaker.run(failing));
      expect(breaker.state()).toBe("open");
      let calls = 0;
      const probing = (): Promise<never> => {
        calls += 1;
        return failing();
      };
      for (const seconds of [30, 60, 90, 120, 150, 180, 210, 240, 270, 300, 300]) {
        clock.move(seconds * 1_000 - 1);
        expect(await errorOf(breaker.run(probing))).toMatchObject({ name: "BreakerOpen", retryAfterSeconds: 1 });
        clock.move(1);
        const before = calls;
        await errorOf(breaker.run(probing));
        expect(calls).toBe(before + 1);
        expect(breaker.state()).toBe("open");
      }
      clock.move(300_000);
      await breaker.run(async () => "back");
      expect(breaker.state()).toBe("closed");
    } finally {
      vi.useRealTimers();
    }
  });

  it("opens when half of twenty calls in ten seconds failed, and forgets older ones", async () => {
    const clock = createTestClock();
    try {
      const breaker = createBreaker(clock, () => 0.5, isFailure);
      for (let i = 0; i < 9; i += 1) {
        await errorOf(breaker.run(failing));
        await breaker.run(async () => "good");
      }
      clock.move(10_001);
      await errorOf(breaker.run(failing));
      expect(breaker.state()).toBe("closed");
      for (let i = 0; i < 9; i += 1) {
        await breaker.run(async () => "good");
        await errorOf(breaker.run(failing));
      }
      expect(breaker.state()).toBe("closed");
      await errorOf(breaker.run(failing));
      expect(breaker.state()).toBe("open");
    } finally {
      vi.useRealTimers();
    }
  });

  it("does not count refusals, and lets others hear at once while one call looks", async () => {
    const clock = createTestClock();
    try {
      const breaker = createBreaker(clock, () => 0.5, isFailure);
      for (let i = 0; i < 50; i += 1) await errorOf(breaker.run(() => Promise.reject(new Error("404"))));
      expect(breaker.state()).toBe("closed");
      for (let i = 0; i < 5; i += 1) await errorOf(breaker.run(failing));
      clock.move(31_000);
      const { promise, resolve } = Promise.withResolvers<string>();
      const looking = breaker.run(() => promise);
      expect(breaker.state()).toBe("half_open");
      expect(await errorOf(breaker.run(async () => "other"))).toMatchObject({ name: "BreakerOpen" });
      resolve("fine");
      expect(await looking).toBe("fine");
      expect(breaker.state()).toBe("closed");
    } finally {
      vi.useRealTimers();
    }
  });
});

it("an engine fails within 5 ms while its breaker is open, says why, and counts no 4xx", async () => {
  await using stub = await startAirflowStub(2, {
    "GET /dags/t_ok": { status: 404, body: {} },
    "GET /dags": { status: 500, body: "<html><h1>Ooops!</h1></html>" },
  });
  await using engine = givenEngine(stub.url);
  for (let i = 0; i < 30; i += 1) await errorOf(engine.getDag(dag));
  expect(engine.breaker?.()).toBe("closed");
  for (let i = 0; i < 5; i += 1) await errorOf(engine.listDags({}));
  expect(engine.breaker?.()).toBe("open");
  const before = stub.calls.length;
  await errorOf(engine.listDags({}));
  const startedAt = performance.now();
  const error = await errorOf(engine.listDags({}));
  expect(performance.now() - startedAt).toBeLessThan(5);
  expect(error).toMatchObject({ code: "INSTANCE_UNREACHABLE", retryAfterSeconds: expect.any(Number) });
  expect(error.message).toContain("status 500");
  expect(stub.calls).toHaveLength(before);
});

describe("the bulkhead", () => {
  it("lets so many in, keeps so many waiting, and refuses the rest at once", async () => {
    const bulkhead = createBulkhead(2, 3);
    const signal = new AbortController().signal;
    const { promise, resolve } = Promise.withResolvers<void>();
    const running = Array.from({ length: 5 }, () => bulkhead.run(() => promise, signal));
    expect([bulkhead.inFlight, bulkhead.waiting]).toEqual([2, 3]);
    expect(await errorOf(bulkhead.run(() => promise, signal))).toBeInstanceOf(BulkheadFull);
    resolve();
    await Promise.all(running);
    expect([bulkhead.inFlight, bulkhead.waiting]).toEqual([0, 0]);
  });

  it("lets a waiting one go as soon as it is aborted, and loses no place by it", async () => {
    const bulkhead = createBulkhead(1, 3);
    const { promise, resolve } = Promise.withResolvers<void>();
    const first = bulkhead.run(() => promise, new AbortController().signal);
    const controller = new AbortController();
    const waiting = errorOf(bulkhead.run(async () => undefined, controller.signal));
    controller.abort(new Error("gone"));
    expect((await waiting).message).toBe("gone");
    expect(bulkhead.waiting).toBe(0);
    resolve();
    await first;
    await bulkhead.run(async () => undefined, new AbortController().signal);
    expect(bulkhead.inFlight).toBe(0);
  });
});

it.each([
  [2, "basic", 4],
  [2, "bearer", 8],
  [3, "basic", 8],
] as const)(
  "has so many calls in flight at once by default: Airflow %i with %s, %i",
  async (generation, type, places) => {
    let inFlight = 0;
    let most = 0;
    await using stub = await startAirflowStub(generation);
    stub.route("GET /dags/t_ok", (_seen, response) => {
      inFlight += 1;
      most = Math.max(most, inFlight);
      setTimeout(() => {
        inFlight -= 1;
        reply(response, 200, sample(generation === 2 ? "v1" : "v2", "dag_get").response.body);
      }, 15);
    });
    const auth = type === "basic" ? ({ type, username: "u", password: "p" } as const) : ({ type, token: "t" } as const);
    await using engine = givenEngine(stub.url, { auth });
    await Promise.all(Array.from({ length: 40 }, () => engine.getDag(dag)));
    expect(most).toBe(places);
  },
);

it("answers INSTANCE_BUSY with a time to come back when the queue is full", async () => {
  await using stub = await startAirflowStub(2, {
    "GET /dags/t_ok": () => undefined,
    "GET /dags": { body: { dags: [], total_entries: 0 } },
  });
  await using engine = givenEngine(stub.url, { limits: { concurrency: 1, queue: 2 } });
  await engine.listDags({});
  const calls = Array.from({ length: 3 }, () => errorOf(engine.getDag(dag, { timeoutMs: 300 })));
  await vi.waitUntil(() => stub.calls.length === 2);
  const error = await errorOf(engine.getDag(dag));
  expect(error).toMatchObject({ code: "INSTANCE_BUSY", details: { queued: 2 } });
  expect(error).toMatchObject({ retryAfterSeconds: expect.any(Number) });
  await Promise.all(calls);
});

it("the retry budget gives a fifth of what was asked, and three per ten seconds besides", () => {
  let at = 0;
  const budget = createRetryBudget({ now: () => at, monotonic: () => at, after: () => () => undefined });
  const drain = (): number => {
    let taken = 0;
    while (budget.withdraw()) taken += 1;
    return taken;
  };
  expect(drain()).toBe(3);
  for (let i = 0; i < 25; i += 1) budget.deposit();
  expect(drain()).toBe(5);
  at += 10_000;
  expect(drain()).toBe(3);
  // A quiet hour saves nothing up.
  at += 3_600_000;
  expect(drain()).toBe(3);
});

it("waits with full jitter below its cap, and believes a Retry-After of a minute at most", () => {
  expect([0, 1, 2, 10].map((retry) => backoffMs(retry, () => 1))).toEqual([100, 200, 400, 2_000]);
  expect(backoffMs(3, () => 0)).toBe(0);
  expect(retryAfterMs("7", 0)).toBe(7_000);
  expect(retryAfterMs("99999", 0)).toBe(60_000);
  expect(retryAfterMs(new Date(30_000).toUTCString(), 10_000)).toBe(20_000);
  expect(retryAfterMs(new Date(0).toUTCString(), 10_000)).toBe(0);
  expect(retryAfterMs("soon", 0)).toBeNull();
});
