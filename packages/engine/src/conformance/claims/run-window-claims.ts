import assert from "node:assert/strict";
import type { Instant, Run } from "@airfleet/model";
import { type Claim, has } from "../claim.ts";
import type { ClaimContext } from "../context.ts";
import { allPages, present, refuses } from "../expectations.ts";
import { FIXTURES, manyDag } from "../fixtures.ts";

/** The time by which every run of this engine can be found. */
const by = ({ capabilities }: ClaimContext): "runAfter" | "logicalDate" =>
  capabilities.dateless ? "runAfter" : "logicalDate";

const placeOf = (context: ClaimContext, run: Run): Instant => present(run[by(context)], `${by(context)} of a run`);

const listed = (context: ClaimContext, from: Instant, to: Instant, limit?: number): Promise<Run[]> =>
  allPages((after) =>
    context.engine.listRuns({
      window: { by: by(context), from, to },
      ...(limit === undefined ? {} : { limit }),
      ...(after === undefined ? {} : { after }),
    }),
  );

export const runWindowClaims: readonly Claim[] = [
  {
    title: "the runs of a window are those whose time lies within, both ends included",
    needs: has("logical_dates"),
    async run(context) {
      const dates = [1, 2, 3].map(() => context.given.logicalDate());
      const runs: Run[] = [];
      for (const logicalDate of dates) {
        runs.push(
          await context.given.run(manyDag(41), {
            logicalDate,
            ...(context.capabilities.delayedStart ? { runAfter: logicalDate } : {}),
          }),
        );
      }
      const [first, second, third] = runs.map((run) => placeOf(context, run));
      const found = await listed(context, present(first, "first"), present(second, "second"));
      const ids = new Set(found.map(({ runId }) => runId));
      assert.deepEqual(
        runs.map(({ runId }) => ids.has(runId)),
        [true, true, false],
      );
      const alone = await listed(context, present(third, "third"), present(third, "third"));
      assert.deepEqual(
        alone.map(({ runId }) => runId),
        [present(runs[2], "the third run").runId],
      );
      assert.deepEqual(alone[0], await context.engine.getRun(present(runs[2], "the third run")));
    },
  },
  {
    title: "a window gives more runs in one answer than a list does, and says when it answered",
    async run(context) {
      const { engine, given, capabilities } = context;
      const wanted = capabilities.pageLimit + 4;
      const known = async (): Promise<number> =>
        (
          await allPages((after) =>
            engine.listRuns({ dagId: FIXTURES.paused, ...(after === undefined ? {} : { after }) }),
          )
        ).length;
      // Runs of this DAG wait for ever, and other claims have made most of them.
      for (let missing = wanted - (await known()); missing > 0; missing = wanted - (await known())) {
        // Counting reads every page, which costs more than a run.
        for (; missing > 0; missing -= 4) await Promise.all([1, 2, 3, 4].map(() => given.run(FIXTURES.paused)));
      }
      const page = await engine.listRuns({
        dagId: FIXTURES.paused,
        window: { by: by(context), from: "2000-01-01T00:00:00Z", to: "2100-01-01T00:00:00Z" },
      });
      assert.ok(page.items.length >= wanted, `${page.items.length} rows`);
      assert.ok(page.items.every(({ dagId }) => dagId === FIXTURES.paused));
      const skewMs = present(page.answeredAt, "answeredAt") - Date.now() - (context.probe.clockSkewMs ?? 0);
      assert.ok(Math.abs(skewMs) < 10_000, `${skewMs} ms off`);
    },
  },
  {
    title: "walked in small pages a window has each run once, newest created first",
    needs: has("logical_dates"),
    async run(context) {
      const logicalDate = context.given.logicalDate();
      const runs: Run[] = [];
      for (let number = 0; number < 3; number += 1) {
        const at = new Date(Date.parse(logicalDate) + number).toISOString();
        const changes = context.capabilities.delayedStart ? { runAfter: at } : {};
        runs.push(await context.given.run(manyDag(42), { logicalDate: at, ...changes }));
      }
      const [first, last] = [present(runs[0], "a run"), present(runs[2], "a run")];
      const found = await listed(context, placeOf(context, first), placeOf(context, last), 2);
      assert.deepEqual(
        found.map(({ runId }) => runId),
        runs.map(({ runId }) => runId).toReversed(),
      );
    },
  },
  {
    title: "an engine whose runs all have a logical date is not asked by any other time",
    needs: ({ dateless }) => !dateless,
    async run({ engine }) {
      const window = { by: "runAfter", from: "2026-01-01T00:00:00Z", to: "2026-01-02T00:00:00Z" } as const;
      await refuses(() => engine.listRuns({ window }), "CAPABILITY_MISSING");
    },
  },
];
