import { mkdir, writeFile } from "node:fs/promises";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { isInstalled } from "../src/install/install.ts";
import { LOCK_FILES, lockFileHash, type Installable } from "../src/install/lock-file.ts";
import { findPython, isSupportedPython } from "../src/install/python.ts";
import { PROFILES } from "../src/airflow/profile.ts";
import { temporaryLayout } from "./temporary-layout.ts";

describe("an installation", () => {
  it("counts only when its marker has the hash of the lock file", async () => {
    await using layout = await temporaryLayout();
    const directory = path.join(layout.environments, "x");
    expect(await isInstalled(directory, "abc")).toBe(false);
    await mkdir(path.join(directory, "bin"), { recursive: true });
    // What a killed installation leaves: files, but no marker.
    expect(await isInstalled(directory, "abc")).toBe(false);
    await writeFile(path.join(directory, ".installed"), "older\n");
    expect(await isInstalled(directory, "abc")).toBe(false);
    await writeFile(path.join(directory, ".installed"), "abc\n");
    expect(await isInstalled(directory, "abc")).toBe(true);
  });

  it("has a lock file with a hash of its own for each thing that can be installed", async () => {
    const hashes = await Promise.all(Object.keys(LOCK_FILES).map((name) => lockFileHash(name as Installable)));
    expect(new Set(hashes).size).toBe(Object.keys(LOCK_FILES).length);
  });

  it("names the version that it starts in the lock file's name", () => {
    for (const { version, lockFile } of Object.values(PROFILES)) expect(LOCK_FILES[lockFile]).toContain(version);
  });
});

describe("the Python to install with", () => {
  it("is of a version that the lock files were resolved for", () => {
    expect(["3.10.1", "3.11.7", "3.12.0"].map(isSupportedPython)).toEqual([true, true, true]);
    expect(["3.9.18", "3.13.0", "3.1.1", "2.7.18"].map(isSupportedPython)).toEqual([false, false, false, false]);
  });

  it("is missed with the name of what was tried and what is allowed", async () => {
    const error = await findPython("/nowhere/python3").catch((caught: unknown) => caught);
    expect(error).toMatchObject({ code: "PYTHON_MISSING" });
    expect(String(error)).toMatch(/\/nowhere\/python3: not found.*3\.10, 3\.11, 3\.12/);
  });
});
