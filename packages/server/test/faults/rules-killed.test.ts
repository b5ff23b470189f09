import { setTimeout as pause } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import { backends } from "../../../store/test/backends.ts";
import { observeAllIn } from "../subjects/subject-fixture.ts";
import { createMortalServer } from "./mortal-server.ts";

const RUNS = 2_000;
const KILLS = 3;

interface Work {
  readonly id: string;
  readonly state: string;
  readonly examined_runs: number;
  readonly added_subjects: number;
}

describe.each(backends)("kill -9 while rules are applied to stored runs, in $name", { timeout: 300_000 }, (backend) => {
  test(`goes on after each of ${KILLS} kills, and looks at every run`, async () => {
    await using place = await backend.freshPlace();
    {
      await using store = await place.open({ clock: Date.now });
      const runs = Array.from({ length: RUNS }, (_, n) => ({ runId: `r${n}`, day: n % 30, conf: { id: n % 50 } }));
      await observeAllIn(store, runs);
    }
    await using server = await createMortalServer(place, []);
    await server.start();
    const ask = async (method: string, path: string, body?: unknown): Promise<Work> => {
      const answer = await fetch(`${server.url}/api/v1/${path}`, {
        method,
        ...(body !== undefined && { body: JSON.stringify(body), headers: { "content-type": "application/json" } }),
      });
      return (await answer.json()) as Work;
    };
    await ask("PUT", "subject-rules/a", { dags: ["*"], subjects: [{ type: "thing", id: "{{ conf.id }}" }] });
    const { id } = await ask("POST", "subject-rules/apply", {});
    const look = (): Promise<Work> => ask("GET", `subject-rule-applications/${id}`);

    let seen = 0;
    const killedAt: number[] = [];
    for (let kill = 0; kill < KILLS; kill += 1) {
      let work = await look();
      while (work.examined_runs <= seen && work.state !== "done") {
        await pause(5);
        work = await look();
      }
      seen = work.examined_runs;
      killedAt.push(seen);
      await server.kill();
      await server.start();
    }
    let work = await look();
    while (work.state !== "done") {
      await pause(20);
      work = await look();
    }
    // The kills fell into the work, not behind it.
    expect(killedAt.filter((examined) => examined < RUNS).length).toBeGreaterThan(1);
    expect(work.examined_runs).toBe(RUNS);
    // What a killed page had added is not counted again when the page is repeated.
    expect(work.added_subjects).toBeLessThanOrEqual(RUNS);
    await server.kill();
    await using store = await place.open({ clock: Date.now });
    const things = await store.subjects.list({ type: "thing", limit: 100 });
    expect(things.items).toHaveLength(50);
    expect(things.items.reduce((sum, { counts }) => sum + counts.total, 0)).toBe(RUNS);
  });
});
