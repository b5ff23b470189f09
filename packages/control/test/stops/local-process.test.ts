import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { hostname } from "node:os";
import { describe, expect, it, onTestFinished } from "vitest";
import { lookAtProcess } from "../../src/stops/local-process.ts";
import { eventually } from "../fleet-fixture.ts";

/** A process of this name that does nothing. */
const aProcess = async (name: string): Promise<ChildProcess & { readonly pid: number }> => {
  const child = spawn("sleep", ["300"], { argv0: name, stdio: "ignore" });
  await once(child, "spawn");
  onTestFinished(() => void child.kill("SIGKILL"));
  return child as ChildProcess & { readonly pid: number };
};

const here = hostname();

describe("a process of this host", () => {
  it("is seen live, and gone once it has ended", async () => {
    const child = await aProcess("airflow task runner: dag a run");
    const named = { hostname: here, pid: child.pid, startedAt: Date.now(), seen: null };
    let seen: string | null = null;
    // The name is there a moment after the process.
    await eventually(async () => (seen = (await lookAtProcess(named)).process) !== null);
    expect(await lookAtProcess({ ...named, seen })).toEqual({ state: "alive", process: seen });
    child.kill("SIGKILL");
    await once(child, "exit");
    expect(await lookAtProcess({ ...named, seen })).toEqual({ state: "gone", process: seen });
  });

  it("is not taken for another one of the same pid", async () => {
    const child = await aProcess("airflow");
    const named = { hostname: here, pid: child.pid, startedAt: Date.now(), seen: null };
    let seen = "";
    await eventually(async () => (seen = (await lookAtProcess(named)).process ?? "") !== "");
    const earlier = seen.replace(/\d+$/, (ticks) => String(Number(ticks) - 1));
    expect(await lookAtProcess({ ...named, seen: earlier })).toMatchObject({ state: "gone" });
    const inAnotherRoom = seen.replace(/pid:\[\d+\]/, "pid:[1]");
    expect(await lookAtProcess({ ...named, seen: inAnotherRoom })).toEqual({ state: "unknown", process: null });
  });

  it("proves nothing by its pid alone", async () => {
    const now = Date.now();
    const nobody = { hostname: here, pid: 4_194_305, startedAt: now, seen: null };
    expect(await lookAtProcess(nobody)).toEqual({ state: "unknown", process: null });
    const stranger = await aProcess("postgres");
    expect(await lookAtProcess({ ...nobody, pid: stranger.pid })).toMatchObject({ state: "unknown" });
    const airflow = await aProcess("airflow");
    expect(await lookAtProcess({ ...nobody, pid: airflow.pid, startedAt: now - 3_600_000 })).toMatchObject({
      state: "unknown",
    });
    expect(await lookAtProcess({ ...nobody, pid: airflow.pid, hostname: `not-${here}` })).toMatchObject({
      state: "unknown",
    });
  });
});
