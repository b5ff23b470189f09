import assert from "node:assert/strict";
import { type Claim, has } from "../claim.ts";
import { present } from "../expectations.ts";
import { FIXTURES, manyDag } from "../fixtures.ts";
import { eventually } from "../waiting.ts";

export const auditClaims: readonly Claim[] = [
  {
    title: "the engine's audit log shows who triggered a run",
    needs: has("audit_log"),
    async run({ engine, given, patience }) {
      const since = given.now();
      await given.run(manyDag(34));
      const events = await eventually(
        "the trigger is logged",
        () => engine.listAuditEvents({ dagId: manyDag(34), since }),
        (all) => all.length > 0,
        patience,
      );
      const event = present(events[0], "event");
      assert.equal(event.dagId, manyDag(34));
      assert.equal(event.owner, "admin");
      assert.match(event.event, /dag_run/);
    },
  },
  {
    title: "audit events come newest first, each once, and no more than asked for",
    needs: has("audit_log"),
    async run({ engine, given }) {
      for (let number = 0; number < 4; number += 1) await given.run(manyDag(35));
      const events = await engine.listAuditEvents({ dagId: manyDag(35), limit: 3 });
      assert.equal(events.length, 3);
      const times = events.map(({ at }) => Date.parse(at));
      assert.deepEqual(
        times,
        times.toSorted((left, right) => right - left),
      );
      assert.equal(new Set(events.map(({ id }) => id)).size, 3);
    },
  },
  {
    title: "audit events before a time are left out",
    needs: has("audit_log"),
    async run({ engine, given }) {
      await given.shared(FIXTURES.ok);
      assert.deepEqual(await engine.listAuditEvents({ dagId: FIXTURES.ok, since: "2099-01-01T00:00:00Z" }), []);
    },
  },
];
