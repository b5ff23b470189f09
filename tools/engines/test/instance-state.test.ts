import { mkdir, stat, writeFile } from "node:fs/promises";
import path from "node:path";
import { expect, it } from "vitest";
import { describeInstance } from "../src/airflow/describe-instance.ts";
import { sweepLostEngines } from "../src/airflow/sweep.ts";
import type { CacheLayout } from "../src/cache/layout.ts";
import { identifySelf, type ProcessIdentity } from "../src/process/identity.ts";
import {
  type InstanceState,
  instanceDirectory,
  judgeInstance,
  listInstanceIds,
  readInstanceState,
  takeInstanceId,
  writeInstanceState,
} from "../src/state/instance-state.ts";
import { temporaryLayout } from "./temporary-layout.ts";

/** An engine on paper: nothing runs, and its PostgreSQL answers nobody. */
const described = (layout: CacheLayout, id: string): Promise<InstanceState> =>
  describeInstance({
    layout,
    id,
    generation: 2,
    password: "secret",
    defaultIntervals: false,
    maintenanceUrl: "postgresql://nobody@127.0.0.1:1/postgres",
    program: "/nowhere/airflow",
  });

it("reads back what was written, in a file that only its owner may read", async () => {
  await using layout = await temporaryLayout();
  const id = await takeInstanceId(layout, 2);
  const state = await described(layout, id);
  await writeInstanceState(layout, state);
  expect(await readInstanceState(layout, id)).toEqual(state);
  const { mode } = await stat(path.join(instanceDirectory(layout, id), "state.json"));
  expect(mode & 0o777).toBe(0o600);
});

it("refuses a state file that it did not write, naming it", async () => {
  await using layout = await temporaryLayout();
  const id = await takeInstanceId(layout, 3);
  await writeFile(path.join(instanceDirectory(layout, id), "state.json"), '{"format": 99}');
  await expect(readInstanceState(layout, id)).rejects.toMatchObject({ code: "STATE_UNREADABLE" });
});

it("gives every one of several starters another id", async () => {
  await using layout = await temporaryLayout();
  const ids = await Promise.all([2, 2, 2, 3].map((generation) => takeInstanceId(layout, generation === 2 ? 2 : 3)));
  expect(ids.toSorted()).toEqual(["af2-1", "af2-2", "af2-3", "af3-1"]);
});

it("refuses a taken id and one that is no file name", async () => {
  await using layout = await temporaryLayout();
  await takeInstanceId(layout, 2, "mine");
  await expect(takeInstanceId(layout, 2, "mine")).rejects.toMatchObject({ code: "ENGINE_EXISTS" });
  await expect(takeInstanceId(layout, 2, "../mine")).rejects.toMatchObject({ code: "ENGINE_ID_INVALID" });
});

it("calls an engine lost when its owner has ended, whatever of it still runs", async () => {
  await using layout = await temporaryLayout();
  const self = await identifySelf();
  const gone = { ...self, startTime: "another" };
  const state = await described(layout, "af2-1");
  const components = state.components.map((component) => ({ ...component, process: self }));
  expect(await judgeInstance(state)).toBe("running");
  expect(await judgeInstance({ ...state, owner: gone, components })).toBe("lost");
});

it("calls a detached engine lost only when all its processes have ended", async () => {
  await using layout = await temporaryLayout();
  const self = await identifySelf();
  const gone = { ...self, startTime: "another" };
  const detached = { ...(await described(layout, "af2-1")), owner: null };
  const withProcesses = (...processes: ProcessIdentity[]): InstanceState => ({
    ...detached,
    components: detached.components.map((component, index) => ({ ...component, process: processes[index] ?? null })),
  });
  expect(await judgeInstance(withProcesses(gone, self))).toBe("running");
  expect(await judgeInstance(withProcesses(gone, gone))).toBe("lost");
});

it("sweeps away lost engines and keeps the others, also one whose state is not written yet", async () => {
  await using layout = await temporaryLayout();
  const [lost, kept, young] = [
    await takeInstanceId(layout, 2),
    await takeInstanceId(layout, 2),
    await takeInstanceId(layout, 2),
  ];
  const state = await described(layout, lost);
  await writeInstanceState(layout, { ...state, owner: { pid: process.pid, startTime: "another" } });
  await writeInstanceState(layout, await described(layout, kept));
  await mkdir(path.join(instanceDirectory(layout, young), "dags"));
  const told: string[] = [];
  await sweepLostEngines(layout, (line) => told.push(line));
  expect(await listInstanceIds(layout)).toEqual([kept, young]);
  expect(told).toEqual([`removing what is left of ${lost}`]);
});
