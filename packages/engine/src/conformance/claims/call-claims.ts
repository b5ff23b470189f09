import assert from "node:assert/strict";
import { type Claim, has } from "../claim.ts";
import { collect, refuses } from "../expectations.ts";
import { FIXTURES, manyDag } from "../fixtures.ts";
import { taskOf } from "../given.ts";

export const callClaims: readonly Claim[] = [
  {
    title: "a call with a signal that is aborted already ends with the signal's reason",
    async run({ engine }) {
      const reason = new Error("nobody wants to know");
      await assert.rejects(engine.getDag(FIXTURES.ok, { signal: AbortSignal.abort(reason) }), reason);
    },
  },
  {
    title: "aborting ends a call in flight, and the engine serves on",
    async run({ engine }) {
      const controller = new AbortController();
      const reason = new Error("enough");
      const call = engine.listDags({}, { signal: controller.signal });
      controller.abort(reason);
      await assert.rejects(call, reason);
      assert.equal((await engine.getDag(FIXTURES.ok)).dagId, FIXTURES.ok);
    },
  },
  {
    title: "aborting ends the reading of a log",
    async run({ engine, given }) {
      const run = await given.shared(FIXTURES.bigLog);
      const controller = new AbortController();
      const reason = new Error("enough");
      const reading = async (): Promise<void> => {
        for await (const _ of engine.readLog(
          { ...taskOf(run, "count"), tryNumber: 1, follow: true },
          { signal: controller.signal },
        )) {
          controller.abort(reason);
        }
      };
      await assert.rejects(reading(), reason);
    },
  },
  {
    title: "a call that gets too little time ends with INSTANCE_TIMEOUT",
    async run({ engine, given }) {
      // Nothing smaller is sure to last: a server in the same room may answer within a millisecond.
      const log = { ...taskOf(await given.shared(FIXTURES.bigLog), "count"), tryNumber: 1 };
      const error = await refuses(() => collect(engine.readLog(log, { timeoutMs: 2 })), "INSTANCE_TIMEOUT");
      assert.equal(error.retryable, true);
    },
  },
  {
    title: "sixteen calls at once are all answered, each with its own answer",
    async run({ engine }) {
      const numbers = Array.from({ length: 16 }, (_, index) => 40 + index);
      const dags = await Promise.all(numbers.map((number) => engine.getDag(manyDag(number))));
      assert.deepEqual(
        dags.map(({ dagId }) => dagId),
        numbers.map((number) => manyDag(number)),
      );
    },
  },
  {
    title: "an engine can be closed twice, and ends its calls in flight",
    async run({ host }) {
      const engine = host.open();
      await engine.probe();
      const call = engine.listDags({}).then(
        () => "answered",
        () => "ended",
      );
      await engine.close();
      await engine.close();
      assert.ok(["answered", "ended"].includes(await call));
      await assert.rejects(engine.getDag(FIXTURES.ok));
    },
  },
  {
    title: "errors name the instance and show no credentials",
    needs: has("credentials"),
    async run({ host, engine }) {
      const wrong = host.open({ credentials: "wrong" });
      try {
        const error = await refuses(() => wrong.listImportErrors(), "INSTANCE_CREDENTIALS_REFUSED");
        assert.ok(error.message.includes(engine.instance));
        assert.ok(!JSON.stringify([error.message, error.details, String(error.cause)]).includes("wrong-password"));
      } finally {
        await wrong.close();
      }
    },
  },
];
