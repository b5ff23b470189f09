import assert from "node:assert/strict";
import type { Instant, Run, RunAddress } from "@airfleet/model";
import { type Claim, has } from "../claim.ts";
import type { ClaimContext } from "../context.ts";
import { allPages } from "../expectations.ts";
import { FIXTURES, manyDag } from "../fixtures.ts";
import { addressOf, isStopped, taskOf } from "../given.ts";
import { eventually } from "../waiting.ts";

const changes = ({ engine }: ClaimContext, changedSince: Instant, limit?: number): Promise<Run[]> =>
  allPages((after) =>
    engine.listRuns({
      changedSince,
      ...(limit === undefined ? {} : { limit }),
      ...(after === undefined ? {} : { after }),
    }),
  );

/** Waits until the feed shows the run as wanted; the feed is behind its engine by a moment. */
const shows = async (
  context: ClaimContext,
  since: Instant,
  run: RunAddress,
  wanted: (run: Run) => boolean,
): Promise<void> => {
  await eventually(
    `the feed shows ${run.runId}`,
    async () =>
      (await changes(context, since)).filter(({ dagId, runId }) => dagId === run.dagId && runId === run.runId),
    (rows) => rows.some(wanted),
    context.patience,
  );
};

export const changeFeedClaims: readonly Claim[] = [
  {
    title: "the feed of changes shows a run that was created",
    async run(context) {
      const since = context.given.now();
      const run = await context.given.run(FIXTURES.paused);
      await shows(context, since, run, ({ state }) => state === "queued");
    },
  },
  {
    title: "the feed of changes shows a run that has ended",
    async run(context) {
      const run = await context.given.run(FIXTURES.ok);
      const since = context.given.now();
      await context.given.ended(run);
      await shows(context, since, run, ({ state }) => state === "success");
    },
  },
  {
    title: "the feed of changes shows a run that was marked by hand",
    async run(context) {
      const run = await context.given.run(manyDag(11));
      const since = context.given.now();
      await context.engine.setRunState({ ...addressOf(run), state: "failed" });
      await shows(context, since, run, (shown) => isStopped(context.engine, shown));
    },
  },
  {
    title: "the feed of changes shows a finished run that was cleared",
    async run(context) {
      const run = await context.given.finished(FIXTURES.ok);
      const since = new Date(Date.parse(run.endedAt ?? "") + 1).toISOString();
      await context.engine.clear({ ...addressOf(run), onlyFailed: false, dryRun: false });
      await shows(context, since, run, () => true);
      await context.given.ended(run);
    },
  },
  {
    title: "the feed of changes shows a finished run that goes on because a task was marked by hand",
    needs: has("marking"),
    async run(context) {
      const run = await context.given.finished(FIXTURES.fail);
      const since = new Date(Date.parse(run.endedAt ?? "") + 1).toISOString();
      // What `a` kept from running is run now.
      await context.engine.setTaskState({ ...taskOf(run, "a"), state: "success", dryRun: false });
      await shows(context, since, run, () => true);
      await context.given.ended(run);
    },
  },
  {
    title: "walked in small pages the feed of changes skips nobody",
    async run(context) {
      const { given } = context;
      const since = given.now();
      const runs = await Promise.all([1, 2, 3, 4, 5].map(() => given.run(manyDag(12))));
      const seen = new Set((await changes(context, since, 3)).map(({ runId }) => runId));
      for (const { runId } of runs) assert.ok(seen.has(runId), `${runId} was skipped`);
    },
  },
  {
    title: "the feed of changes is silent about runs that rest",
    async run(context) {
      const { engine, given, patience } = context;
      const run = await given.run(manyDag(13));
      const stopped = await engine.setRunState({ ...addressOf(run), state: "failed" });
      const since = new Date(Date.parse(given.now()) + 4_000).toISOString();
      await eventually(
        "time passes",
        async () => given.now(),
        (now) => now > since,
        patience,
      );
      assert.equal((await changes(context, since)).filter(({ runId }) => runId === stopped.runId).length, 0);
    },
  },
];
