import { renameSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import type { AirfleetError } from "@airfleet/model";
import { describe, expect, test, vi } from "vitest";
import { followConfiguration, type LoadedConfiguration } from "../../src/index.ts";
import { Workspace } from "./workspace.ts";

const follow = (work: Workspace) => {
  const taken: LoadedConfiguration[] = [];
  const refused: AirfleetError[] = [];
  const followed = followConfiguration({
    source: { cwd: work.cwd, env: {}, flags: {} },
    onChange: (loaded) => void taken.push(loaded),
    onRefused: (error) => void refused.push(error),
    quietMs: 20,
  });
  return { followed, taken, refused, [Symbol.dispose]: () => followed.close() };
};

const ids = (loaded: LoadedConfiguration | undefined) => loaded?.instances.map(({ config }) => config.id);
const instance = (id: string) => `instances: [{id: ${id}, url: 'http://a'}]\n`;
const until = { timeout: 5_000, interval: 10 };

describe("a followed configuration", () => {
  test("takes over a file that was written in place", async () => {
    using work = new Workspace();
    work.write("airfleet.yaml", instance("a"));
    using state = follow(work);
    work.write("airfleet.yaml", instance("b"));
    await vi.waitFor(() => expect(ids(state.taken.at(-1))).toEqual(["b"]), until);
    expect(ids(state.followed.current)).toEqual(["b"]);
  });

  test("survives editors that rename a new file over the old one, again and again", async () => {
    using work = new Workspace();
    const file = work.write("airfleet.yaml", instance("a"));
    using state = follow(work);
    for (const id of ["b", "c", "d"]) {
      writeFileSync(`${file}.swp`, instance(id));
      renameSync(`${file}.swp`, file);
      await vi.waitFor(() => expect(ids(state.followed.current)).toEqual([id]), until);
    }
  });

  test("notices a file and directory that were not there before", async () => {
    using work = new Workspace();
    using state = follow(work);
    work.write(
      "config/clients.json",
      `{"airflow_clients": [{"client_id": "c", "airflow_url": "http://a", "username": "u", "password": "p", "enabled": true}]}`,
    );
    await vi.waitFor(() => expect(ids(state.followed.current)).toEqual(["c"]), until);
    rmSync(path.join(work.cwd, "config"), { recursive: true });
    await vi.waitFor(() => expect(ids(state.followed.current)).toEqual([]), until);
  });

  test("notices a rotated secret file", async () => {
    using work = new Workspace();
    work.write("secrets/token", "one");
    work.write(
      "airfleet.yaml",
      "instances: [{id: a, url: 'http://a', auth: {type: bearer, token: {file: secrets/token}}}]",
    );
    using state = follow(work);
    work.write("secrets/token", "two!");
    await vi.waitFor(() => expect(state.taken).toHaveLength(1), until);
  });

  test("keeps the old configuration when the new file is broken, and says what is wrong", async () => {
    using work = new Workspace();
    work.write("airfleet.yaml", instance("a"));
    using state = follow(work);
    work.write("airfleet.yaml", "instances: [{id: b}]\n");
    await vi.waitFor(() => expect(state.refused).toHaveLength(1), until);
    expect(state.refused[0]?.findings).toEqual([{ pointer: "airfleet.yaml:1:13", message: '"url" is missing' }]);
    expect(ids(state.followed.current)).toEqual(["a"]);
    expect(state.taken).toEqual([]);
    work.write("airfleet.yaml", instance("c"));
    await vi.waitFor(() => expect(ids(state.followed.current)).toEqual(["c"]), until);
  });

  test("reads again on request", () => {
    using work = new Workspace();
    using state = follow(work);
    expect(state.followed.reload()).toBe(true);
    work.write("airfleet.yaml", "a: 1");
    expect(state.followed.reload()).toBe(false);
    expect(state.refused[0]?.code).toBe("CONFIG_FILE_INVALID");
  });
});
