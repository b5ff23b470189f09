import { toDagId } from "@airfleet/model";
import { expect, it } from "vitest";
import { backends } from "../../../store/test/backends.ts";
import { aDag, FakeInstance } from "../fake-instance.ts";
import { actor, aFleet, eventually } from "../fleet-fixture.ts";

it("two servers on one PostgreSQL that get one key make one run per instance, with one id", async () => {
  const postgres = backends.find(({ name }) => name === "postgres");
  if (postgres === undefined) throw new Error("no PostgreSQL");
  await using place = await postgres.freshPlace();
  await using one = await place.open({ clock: Date.now });
  await using other = await place.open({ clock: Date.now });
  const fakes = ["eu", "us"].map((id) => new FakeInstance(id).add(aDag("orders")));
  const settings = { poll: false };
  const servers = [await aFleet(fakes, { store: one, settings }), await aFleet(fakes, { store: other, settings })].map(
    ({ control }) => control,
  );
  for (const server of servers) server.startReconcilers();
  const ask = { instances: ["eu", "us"], dagId: toDagId("orders"), conf: { n: 1 } };
  const asked = await Promise.allSettled(
    Array.from({ length: 20 }, (_, index) =>
      servers[index % 2].triggers.request(ask, { actor, key: "fleet-wide", body: ask }),
    ),
  );
  const tickets = asked.flatMap((each) => (each.status === "fulfilled" ? [each.value] : []));
  const refusals = asked.flatMap((each) => (each.status === "rejected" ? [each.reason as { code: string }] : []));
  expect(tickets.filter(({ isReplay }) => !isReplay)).toHaveLength(1);
  expect(new Set(refusals.map(({ code }) => code))).toEqual(new Set(["IDEMPOTENCY_KEY_OUTSTANDING"]));
  expect(new Set(tickets.map(({ requestId }) => requestId)).size).toBe(1);
  await eventually(async () => {
    const { triggers } = await servers[1].triggers.request(ask, { actor, key: "fleet-wide", body: ask });
    return triggers.every(({ state }) => state === "accepted");
  });
  expect(fakes.map(({ created }) => created)).toEqual([1, 1]);
  const ids = fakes.flatMap(({ runs }) => [...runs.values()].map(({ runId }) => runId));
  expect(new Set(ids).size).toBe(1);
});
