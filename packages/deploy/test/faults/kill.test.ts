import { execFileSync, spawn } from "node:child_process";
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { createDeployTarget } from "../../src/index.ts";
import { signal } from "../target-claims.ts";

const SCRIPT = path.join(import.meta.dirname, "deploy-for-ever.ts");

/** Runs a deployer and kills it some time after it was first done with a change. */
const killOne = async (config: object, dataDir: string, turn: number, afterMs: number): Promise<number> => {
  const args = ["--conditions=@airfleet/source", SCRIPT, JSON.stringify(config), dataDir, String(turn)];
  const child = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "inherit"] });
  let last = turn - 1;
  await new Promise<void>((resolve, reject) => {
    child.on("error", reject);
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      if (last < turn) setTimeout(() => child.kill("SIGKILL"), afterMs);
      last = Number(text.trim().split("\n").at(-1));
    });
    child.on("close", (_, killedBy) => (killedBy === "SIGKILL" ? resolve() : reject(new Error("it ended by itself"))));
  });
  return last;
};

const wholeText = (text: string): boolean => {
  const lines = text.split("\n");
  return lines.length === 2_001 && new Set(lines.slice(0, -1)).size === 1;
};

describe("a deployer that is killed", () => {
  it("leaves whole files in a folder, and the next one heals the rest", async () => {
    const base = await mkdtemp(path.join(tmpdir(), "airfleet-kill-"));
    const config = { type: "folder", path: base, subfolder: "own" } as const;
    let turn = 0;
    let between = 0;
    // On, until one was met with some files written and others not: how long a change takes is the machine's affair.
    for (let kill = 0; kill < 8 || (between === 0 && kill < 60); kill += 1) {
      turn = (await killOne(config, base, turn, (7 * kill + 3) % 61)) + 1;
      const own = path.join(base, "own");
      const names = (await readdir(own)).filter((name) => /^p\d+\.py$/.test(name));
      expect(names).toHaveLength(12);
      const texts = await Promise.all(names.map((name) => readFile(path.join(own, name), "utf8")));
      expect(texts.every(wholeText)).toBe(true);
      if (new Set(texts).size > 1) between += 1;
      // What the next deployer removes is named by the last one that it knows of.
      turn += 1;
    }
    expect(between).toBeGreaterThan(0);
    const target = createDeployTarget(config, { dataDir: base });
    const stale = [...(await target.list({ signal })).keys()].filter((name) => name.startsWith("runtime_"));
    await target.apply({ put: [{ path: "p0.py", text: "end" }], remove: stale, message: "End" }, { signal });
    const left = (await readdir(path.join(base, "own"))).toSorted();
    expect(left.filter((name) => name.startsWith(".airfleet"))).toEqual([]);
    expect(left.filter((name) => name.startsWith("runtime_"))).toEqual([]);
    await rm(base, { recursive: true, force: true });
  }, 120_000);

  it("leaves a branch as it was before or after a change, and the next one goes on", async () => {
    const base = await mkdtemp(path.join(tmpdir(), "airfleet-kill-"));
    const bare = path.join(base, "dags.git");
    execFileSync("git", ["init", "-q", "--bare", "-b", "main", bare]);
    const config = { type: "git", url: bare, branch: "main", path: "own", author: "A <a@b>" } as const;
    let turn = 0;
    for (let kill = 0; kill < 4; kill += 1) {
      turn = (await killOne(config, base, turn, 60 * kill + 10)) + 2;
      // A push that was under way may end by itself later, so all is looked at in one commit.
      const commit = execFileSync("git", ["rev-parse", "main"], { cwd: bare, encoding: "utf8" }).trim();
      const texts = Array.from({ length: 12 }, (_, at) =>
        execFileSync("git", ["show", `${commit}:own/p${at}.py`], { cwd: bare, encoding: "utf8" }),
      );
      expect(new Set(texts).size).toBe(1);
    }
    const target = createDeployTarget(config, { dataDir: base });
    await target.apply({ put: [{ path: "p0.py", text: "end" }], remove: [], message: "End" }, { signal });
    expect(execFileSync("git", ["show", "main:own/p0.py"], { cwd: bare, encoding: "utf8" })).toBe("end");
    await rm(base, { recursive: true, force: true });
  }, 120_000);
});
