import { toDagId } from "@airfleet/model";
import { describe, expect, it } from "vitest";
import { aDag, FakeInstance } from "./fake-instance.ts";
import { actor, aFleet, eventually } from "./fleet-fixture.ts";

const readOnly = { name: "board", role: "viewer", instances: ["eu-*"], expiresInDays: 30 } as const;

describe("tokens", () => {
  it("let their holder in with role and scope, until they are revoked", async () => {
    const { control } = await aFleet([]);
    const { plain, id, expiresAt, createdAt } = await control.access.createToken(actor, readOnly);
    expect(expiresAt! - createdAt).toBeGreaterThan(29 * 86_400_000);
    expect(await control.access.authenticate(plain)).toMatchObject({
      id: "token:board",
      role: "viewer",
      instances: ["eu-*"],
    });
    await control.access.revokeToken(actor, id);
    await expect(control.access.authenticate(plain)).rejects.toMatchObject({ code: "TOKEN_UNKNOWN" });
  });

  it("have names of their own while they live, since the audit trail knows a caller by it", async () => {
    const { control } = await aFleet([]);
    const { id } = await control.access.createToken(actor, readOnly);
    await expect(control.access.createToken(actor, readOnly)).rejects.toMatchObject({ code: "REQUEST_INVALID" });
    await control.access.revokeToken(actor, id);
    expect(await control.access.createToken(actor, readOnly)).toMatchObject({ name: "board" });
  });

  it("leave no trace of their secret", async () => {
    const { control } = await aFleet([]);
    const { plain } = await control.access.createToken(actor, readOnly);
    const trail = JSON.stringify([await control.audit.list({ limit: 10 }), await control.access.listTokens()]);
    expect(trail).not.toContain(plain);
    expect(trail).toContain("token:create");
  });
});

describe("the audit trail", () => {
  it("gets its places and hashes within 50 ms while the server runs, and proves whole", async () => {
    const fake = new FakeInstance("eu").add(aDag("d"));
    const { control } = await aFleet([fake], { settings: { poll: false } });
    control.startReconcilers();
    const pause = { verb: "dag:pause", instance: fake.id, dagId: toDagId("d"), paused: true } as const;
    await control.actions.perform(actor, pause, { deadlineMs: 5_000 });
    const finished = performance.now();
    const placed = async (): Promise<boolean> =>
      (await control.audit.list({ limit: 10 })).items.every(({ seq }) => seq !== null);
    await eventually(placed, 2_000);
    expect(performance.now() - finished).toBeLessThan(500);
    const { items } = await control.audit.list({ limit: 10 });
    expect(items.map(({ outcome, seq }) => [outcome, seq])).toEqual([
      ["done", 2],
      ["requested", 1],
    ]);
    expect(await control.audit.verify()).toMatchObject({ ok: true, rows: 2 });
  });

  it("notes who was turned away, but not every knock of one who hammers", async () => {
    const { control } = await aFleet([]);
    for (let knock = 0; knock < 50; knock += 1) await control.audit.denied(actor, "run:trigger", "eu");
    const { items } = await control.audit.list({ limit: 100 });
    expect(items).toHaveLength(20);
    expect(items[0]).toMatchObject({ outcome: "denied", verb: "run:trigger", details: { resource: "eu" } });
  });
});

describe("closing", () => {
  it("lets an action in flight end within the drain, and gives back one that does not", async () => {
    const fake = new FakeInstance("eu").add(aDag("d"));
    const { control, store } = await aFleet([fake], { settings: { poll: false } });
    fake.fault = (operation, when, signal) =>
      operation === "setPaused" && when === "after"
        ? new Promise((_resolve, reject) => signal?.addEventListener("abort", () => reject(signal.reason)))
        : undefined;
    const pause = { verb: "dag:pause", instance: fake.id, dagId: toDagId("d"), paused: true } as const;
    const action = control.actions.perform(actor, pause, { deadlineMs: 60_000 });
    await eventually(() => fake.count("setPaused") === 1);
    await control.close({ drainMs: 50 });
    expect((await action).state).toBe("pending");

    fake.fault = undefined;
    const { control: next } = await aFleet([fake], { store, settings: { poll: false } });
    next.startReconcilers();
    await eventually(async () => (await next.actions.get((await action).id)).state === "done");
    expect(await next.actions.get((await action).id)).toMatchObject({
      before: { is_paused: false },
      after: { is_paused: true },
      attempts: 2,
    });
  });
});
