import assert from "node:assert/strict";
import type { DagId } from "@airfleet/model";
import type { Claim } from "../claim.ts";
import type { ClaimContext } from "../context.ts";
import { allPages, present, refuses } from "../expectations.ts";
import type { DagFiles } from "../host.ts";
import { eventually } from "../waiting.ts";

const isKnown = ({ engine }: ClaimContext, dagId: DagId): Promise<boolean> =>
  engine.getDag(dagId).then(
    ({ isStale, hasImportErrors }) => !isStale && !hasImportErrors,
    () => false,
  );

/** A DAG of the claim's own that the engine knows; its file is removed in the end. */
const withOwnDag = async (
  context: ClaimContext,
  claim: (dagId: DagId, files: DagFiles) => Promise<void>,
): Promise<void> => {
  const files = present(context.host.files, "the host's DAG folder");
  const dagId = context.given.dagId();
  await files.write(dagId);
  try {
    await eventually(`${dagId} is known`, () => isKnown(context, dagId), Boolean, context.patience);
    await claim(dagId, files);
  } finally {
    await files.remove(dagId);
  }
};

const listed = async ({ engine }: ClaimContext, dagId: DagId) =>
  present(
    (
      await allPages((after) => engine.listDags({ dagIdContains: dagId, ...(after === undefined ? {} : { after }) }))
    )[0],
    `${dagId} in the list`,
  );

export const dagFileClaims: readonly Claim[] = [
  {
    title:
      "a DAG whose file stops parsing is still listed and read, flagged, and its trigger is DAG_BROKEN until repaired",
    changesFiles: true,
    run: (context) =>
      withOwnDag(context, async (dagId, files) => {
        const { engine, given, patience } = context;
        const before = await given.finished(dagId);
        assert.equal(before.state, "success");
        await files.break(dagId);
        await eventually(
          "the error is noticed",
          () => engine.getDag(dagId),
          ({ hasImportErrors }) => hasImportErrors,
          patience,
        );
        assert.equal((await listed(context, dagId)).hasImportErrors, true);
        const error = await refuses(() => engine.trigger({ dagId, runId: given.runId(), conf: {} }), "DAG_BROKEN");
        assert.ok(error.message.includes(dagId), error.message);
        assert.equal((await engine.getDagDetail(dagId)).dagId, dagId);
        assert.equal((await engine.getRun(before)).state, "success");
        await engine.setPaused(dagId, true);
        await files.write(dagId);
        await eventually("the repair is noticed", () => isKnown(context, dagId), Boolean, patience);
        assert.equal((await engine.getDag(dagId)).isPaused, true, "the pause flag was lost");
        await engine.setPaused(dagId, false);
        await eventually(
          "it runs again",
          () => given.finished(dagId),
          ({ state }) => state === "success",
          patience,
        );
      }),
  },
  {
    title:
      "a DAG whose file is gone is still listed and read, flagged stale, keeps its runs, and its trigger is DAG_UNKNOWN",
    changesFiles: true,
    run: (context) =>
      withOwnDag(context, async (dagId, files) => {
        const { engine, given, patience } = context;
        const before = await given.finished(dagId);
        await files.remove(dagId);
        await eventually(
          "its absence is noticed",
          () => engine.getDag(dagId),
          ({ isStale }) => isStale,
          patience,
        );
        assert.equal((await listed(context, dagId)).isStale, true);
        await refuses(() => engine.trigger({ dagId, runId: given.runId(), conf: {} }), "DAG_UNKNOWN");
        assert.equal((await engine.getRun(before)).runId, before.runId);
        assert.equal((await engine.listRuns({ dagId })).items.length, 1);
      }),
  },
];
