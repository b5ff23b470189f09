import { describe, expect, it } from "vitest";
import { type FeedFreshness, isStale, toInstanceStatus } from "../src/fleet/instance-status.ts";

const now = 1_000_000;
const fresh: FeedFreshness = { observedAt: now - 1_000, promisedIntervalMs: 10_000, error: null };
const failed = (code: "INSTANCE_UNREACHABLE" | "INSTANCE_CREDENTIALS_REFUSED"): FeedFreshness => ({
  ...fresh,
  error: { code, message: "why", at: now },
});
const probe = {
  version: "3.3.2",
  generation: 3,
  support: "tested",
  latencyMs: 4,
  authenticated: true,
  clockSkewMs: 0,
  health: { healthy: true, components: [] },
} as const;
const base = { enabled: true, probe, health: fresh, dags: fresh, runs: fresh, breaker: "closed" } as const;

describe("a reading", () => {
  it("is stale when it is older than twice what we promise, when the last try failed, and when there was none", () => {
    expect(isStale(fresh, now)).toBe(false);
    expect(isStale({ ...fresh, observedAt: now - 20_000 }, now)).toBe(false);
    expect(isStale({ ...fresh, observedAt: now - 20_001 }, now)).toBe(true);
    expect(isStale(failed("INSTANCE_UNREACHABLE"), now)).toBe(true);
    expect(isStale({ ...fresh, observedAt: null }, now)).toBe(true);
  });
});

const stateOf = (changes: Partial<Parameters<typeof toInstanceStatus>[0]>) =>
  toInstanceStatus({ ...base, ...changes }, now).state;

describe("the condition of an instance", () => {
  it("is what its last probe found", () => {
    expect(stateOf({})).toBe("healthy");
    expect(stateOf({ probe: { ...probe, health: { healthy: false, components: [] } } })).toBe("unhealthy");
    expect(stateOf({ probe: { ...probe, authenticated: false } })).toBe("refused");
    expect(stateOf({ probe: null })).toBe("unknown");
    expect(stateOf({ enabled: false })).toBe("disabled");
  });

  it("tells one that refuses us from one that does not answer, and keeps what was known of it", () => {
    expect(stateOf({ health: failed("INSTANCE_CREDENTIALS_REFUSED") })).toBe("refused");
    const gone = toInstanceStatus({ ...base, health: failed("INSTANCE_UNREACHABLE") }, now);
    expect(gone).toMatchObject({ state: "unreachable", version: "3.3.2", stale: true, error: { message: "why" } });
  });

  it("is stale as soon as one feed is, though the instance is healthy", () => {
    const status = toInstanceStatus({ ...base, runs: { ...fresh, observedAt: null } }, now);
    expect(status).toMatchObject({ state: "healthy", stale: true, error: null });
    expect(toInstanceStatus(base, now).stale).toBe(false);
  });
});
