import { spawn } from "node:child_process";
import { once } from "node:events";
import path from "node:path";
import { expect, it } from "vitest";
import { withExclusiveLock } from "../src/cache/exclusive-lock.ts";
import { temporaryLayout } from "./temporary-layout.ts";

const LOCK_MODULE = path.resolve(import.meta.dirname, "../src/cache/exclusive-lock.ts");
const LAYOUT_MODULE = path.resolve(import.meta.dirname, "../src/cache/layout.ts");

/** A process that takes the lock, says so, and keeps it until it is killed. */
const startHolder = async (root: string) => {
  const script = `
    import { withExclusiveLock } from ${JSON.stringify(LOCK_MODULE)};
    import { cacheLayout } from ${JSON.stringify(LAYOUT_MODULE)};
    await withExclusiveLock(cacheLayout(${JSON.stringify(root)}), "x", async () => {
      process.stdout.write("held");
      await new Promise((resolve) => setTimeout(resolve, 600_000));
    });`;
  const child = spawn(process.execPath, ["--input-type=module", "-e", script], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  await once(child.stdout, "data");
  return child;
};

it("lets one piece of work run at a time, in this process too", async () => {
  await using layout = await temporaryLayout();
  const events: string[] = [];
  const [firstHolds, secondWaits] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  const first = withExclusiveLock(layout, "x", async () => {
    firstHolds.resolve();
    await secondWaits.promise;
    events.push("the first ends");
  });
  await firstHolds.promise;
  const second = withExclusiveLock(layout, "x", async () => void events.push("the second begins"), {
    onWait: () => secondWaits.resolve(),
  });
  await Promise.all([first, second]);
  expect(events).toEqual(["the first ends", "the second begins"]);
});

it("frees the lock when the work fails", async () => {
  await using layout = await temporaryLayout();
  await expect(withExclusiveLock(layout, "x", () => Promise.reject(new Error("broken")))).rejects.toThrow("broken");
  await expect(withExclusiveLock(layout, "x", () => Promise.resolve("free"))).resolves.toBe("free");
});

it("waits for a holder in another process, tells its pid, and goes on when that process is killed", async () => {
  await using layout = await temporaryLayout();
  const holder = await startHolder(layout.root);
  const waitedFor: string[] = [];
  const onWait = (pid: string): void => {
    waitedFor.push(pid);
    holder.kill("SIGKILL");
  };
  await expect(withExclusiveLock(layout, "x", () => Promise.resolve("mine"), { onWait })).resolves.toBe("mine");
  expect(waitedFor).toEqual([String(holder.pid)]);
});
