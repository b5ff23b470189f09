import { spawn } from "node:child_process";
import { once } from "node:events";
import { randomUUID } from "node:crypto";
import { afterEach, describe, expect, it } from "vitest";
import { identify, identifySelf, isAlive, type ProcessIdentity } from "../src/process/identity.ts";
import { COMPONENT_VARIABLE, findMarkedProcesses, TOKEN_VARIABLE } from "../src/process/marked-processes.ts";
import { stopProcesses } from "../src/process/stop-processes.ts";

const started: number[] = [];

/** A shell with a process group of its own that prints a word once its script is under way. */
const start = async (script: string, variables: Record<string, string> = {}): Promise<ProcessIdentity> => {
  const env = { ...process.env, ...variables };
  const child = spawn("sh", ["-c", script], { detached: true, stdio: ["ignore", "pipe", "ignore"], env });
  await once(child.stdout, "data");
  const identity = await identify(child.pid!);
  started.push(child.pid!);
  return identity!;
};

afterEach(() => {
  for (const pid of started.splice(0)) {
    try {
      process.kill(-pid, "SIGKILL");
    } catch {
      // Ended already, as it should.
    }
  }
});

describe("identity of a process", () => {
  it("is alive while it runs and stays the same", async () => {
    const self = await identifySelf();
    expect(await isAlive(self)).toBe(true);
    expect(await identifySelf()).toEqual(self);
  });

  it("is not alive when its pid belongs to a process that started at another time", async () => {
    const { pid } = await identifySelf();
    expect(await isAlive({ pid, startTime: "a start long ago" })).toBe(false);
  });
});

describe("stopProcesses", () => {
  it("ends a whole group with SIGTERM", async () => {
    const leader = await start("sleep 600 & echo up; wait");
    await stopProcesses({ leaders: [leader], token: randomUUID(), graceMs: 5_000 });
    expect(await isAlive(leader)).toBe(false);
  });

  it("kills what ignores SIGTERM once the grace is over", async () => {
    const leader = await start("trap '' TERM; echo up; while :; do sleep 600; done");
    await stopProcesses({ leaders: [leader], token: randomUUID(), graceMs: 200 });
    expect(await isAlive(leader)).toBe(false);
  });

  it("leaves a process alone that was given the pid of one of ours", async () => {
    const stranger = await start("echo up; exec sleep 600");
    await stopProcesses({ leaders: [{ ...stranger, startTime: "another" }], token: randomUUID(), graceMs: 200 });
    expect(await isAlive(stranger)).toBe(true);
  });

  it.runIf(process.platform === "linux")("finds children that left the group by the token they carry", async () => {
    const token = randomUUID();
    const leader = await start("echo up; exec sleep 600", { [TOKEN_VARIABLE]: token });
    const escaped = await start("echo up; exec sleep 600", { [TOKEN_VARIABLE]: token });
    await stopProcesses({ leaders: [leader], token, graceMs: 200 });
    expect(await isAlive(escaped)).toBe(false);
  });

  it.runIf(process.platform === "linux")("ends only the named component", async () => {
    const token = randomUUID();
    const scheduler = await start("echo up; exec sleep 600", {
      [TOKEN_VARIABLE]: token,
      [COMPONENT_VARIABLE]: "scheduler",
    });
    const webserver = await start("echo up; exec sleep 600", {
      [TOKEN_VARIABLE]: token,
      [COMPONENT_VARIABLE]: "webserver",
    });
    await stopProcesses({ leaders: [scheduler], token, component: "scheduler", graceMs: 0 });
    expect(await isAlive(scheduler)).toBe(false);
    expect(await findMarkedProcesses(token)).toEqual([webserver.pid]);
  });
});
