import { AirfleetError, InstanceConfig, type InstanceId, resolveInstanceConfig, toInstanceId } from "@airfleet/model";
import { describe, expect, it, onTestFinished } from "vitest";
import { backends, PATIENT } from "../../store/test/backends.ts";
import { type Control, createControl, systemClock } from "../src/index.ts";
import { createPollShares } from "../src/poll/poll-shares.ts";
import { aDag, FakeInstance } from "./fake-instance.ts";
import { actor, eventually, fromFile } from "./fleet-fixture.ts";

const postgres = backends.find(({ name }) => name === "postgres")!;

/** Two server processes on one PostgreSQL, as far as the database can tell, and who of them called whom. */
const aPair = async (count: number) => {
  const place = await postgres.freshPlace();
  onTestFinished(() => place[Symbol.asyncDispose]());
  const instances = Array.from({ length: count }, (_, index) => new FakeInstance(`i${index}`).add(aDag("d")));
  const callers = new Map<string, Set<string>>();
  const shares: number[] = [];
  const start = async (name: string): Promise<Control> => {
    const store = await place.open({ clock: Date.now });
    const control = await createControl({
      store,
      createEngine: ({ id }, { processes }) => {
        shares.push(processes);
        const fake = instances.find((one) => one.id === id) ?? new FakeInstance(id);
        const engine = fake.engine();
        return {
          ...engine,
          probe: (options) => {
            callers.set(id, (callers.get(id) ?? new Set()).add(name));
            return engine.probe(options);
          },
        };
      },
      loadInstances: () => Promise.resolve(instances.map(({ id }) => fromFile({ id, url: `http://${id}.example` }))),
      resolveSecrets: (config) => resolveInstanceConfig(InstanceConfig.parse(config), () => ""),
      settings: { leaseMs: 3_000, heartbeatMs: 300 },
    });
    onTestFinished(async () => {
      await control.close({ drainMs: 100 });
      await store.close();
    });
    control.startReconcilers();
    return control;
  };
  return { instances, callers, shares, start };
};

describe("two servers on one PostgreSQL", () => {
  it("never poll one instance both, leave none out, and move the work when one leaves or dies", PATIENT, async () => {
    await using place = await postgres.freshPlace();
    await using store = await place.open();
    const ttlMs = 3_000;
    const shared = { store, clock: systemClock, ttlMs };
    const first = createPollShares({ ...shared, owner: "first" });
    const second = createPollShares({ ...shared, owner: "second" });
    const ids = Array.from({ length: 200 }, (_, index) => toInstanceId(`i${index}`));
    const owners = (id: InstanceId): number => Number(first.owns(id)) + Number(second.owns(id));

    await first.settle(["first"]);
    expect(ids.every((id) => first.owns(id))).toBe(true);
    // The newcomer waits until the other has given up what is no longer its part.
    await second.settle(["first", "second"]);
    expect(ids.some((id) => second.owns(id))).toBe(false);
    await first.settle(["first", "second"]);
    await second.settle(["first", "second"]);
    expect(ids.map(owners)).toEqual(ids.map(() => 1));
    expect(ids.filter((id) => first.owns(id)).length).toBeGreaterThan(20);
    expect(ids.filter((id) => second.owns(id)).length).toBeGreaterThan(20);

    // The second dies: it gives nothing back, and its leases run out.
    await eventually(async () => {
      await first.settle(["first"]);
      expect(ids.map(owners).every((count) => count <= 1)).toBe(true);
      return ids.every((id) => first.owns(id));
    });
  });

  it("divide the limits among them, and one reads everything when the other has left", PATIENT, async () => {
    const { instances, callers, shares, start } = await aPair(12);
    const first = await start("first");
    await eventually(() => callers.size === 12, 20_000);
    const second = await start("second");
    await eventually(() => shares.includes(2), 20_000);
    await first.close();
    callers.clear();
    await eventually(() => instances.every(({ id }) => callers.get(id)?.has("second") === true), 40_000);
    expect([...callers.values()].flatMap((names) => [...names])).not.toContain("first");
    expect(second.instances.list()).toHaveLength(12);
  });

  it("see each other's instances and readings within seconds", PATIENT, async () => {
    const { start } = await aPair(1);
    const [first, second] = [await start("first"), await start("second")];
    const { id } = await first.instances.create(actor, { id: "new", url: "http://new.example" });
    const known = (): boolean => {
      try {
        return second.instances.get(id).status.observedAt !== null;
      } catch (error) {
        if (error instanceof AirfleetError) return false;
        throw error;
      }
    };
    await eventually(known, 30_000);
    expect(second.instances.get(id).status.state).toBe("healthy");
  });
});
