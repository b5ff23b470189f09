import { describe, expect, test } from "vitest";
import { Refusal } from "../../../sdk/test/support/fake-server.ts";
import { action, run } from "../../../sdk/test/support/samples.ts";
import { startFakeFleet } from "../support/fake-fleet.ts";
import { runCli } from "../support/run-cli.ts";

interface Row {
  readonly instance: string;
  readonly outcome: string;
  readonly code: string | null;
}
const rowsOf = (stdout: string): readonly Row[] => JSON.parse(stdout) as readonly Row[];

describe("acting on many instances", () => {
  test("calls each of them once and prints a row per instance", async () => {
    await using fleet = await startFakeFleet();
    const { code, stdout } = await runCli(["pause", "orders", "--clients", "us-1,eu-1,us-1", "--json"], {
      url: fleet.url,
    });
    expect(code).toBe(0);
    expect(rowsOf(stdout).map(({ instance, outcome }) => [instance, outcome])).toEqual([
      ["us-1", "done"],
      ["eu-1", "done"],
    ]);
    expect(fleet.calls.filter((id) => id === "patchDag")).toHaveLength(2);
  });

  test("ends with 8 when some did it and some did not, and says who", async () => {
    await using fleet = await startFakeFleet({
      triggerRun: ({ params }) => {
        if (params.instance === "us-1")
          throw new Refusal(502, "INSTANCE_UNREACHABLE", "cannot be reached", { action: "act_9" });
        return action({ instance: params.instance, dag_run_id: "af_02" });
      },
    });
    const { code, stdout, stderr } = await runCli(["trigger", "orders", "--json"], { url: fleet.url });
    expect(code).toBe(8);
    expect(rowsOf(stdout)).toMatchObject([
      { instance: "eu-1", outcome: "done", dag_run_id: "af_02" },
      { instance: "us-1", outcome: "failed", code: "INSTANCE_UNREACHABLE", action: "act_9" },
      { instance: "prod-1", outcome: "done" },
    ]);
    expect(stderr).toContain("airfleet: us-1: INSTANCE_UNREACHABLE: cannot be reached");
    expect(stderr).toContain("2 of 3 done");
  });

  test("ends with the failures' own code when all failed alike, with 1 when they differ", async () => {
    await using alike = await startFakeFleet({
      triggerRun: () => {
        throw new Refusal(504, "INSTANCE_TIMEOUT", "too slow");
      },
    });
    await using mixed = await startFakeFleet({
      triggerRun: ({ params }) => {
        throw params.instance === "us-1"
          ? new Refusal(504, "INSTANCE_TIMEOUT", "too slow")
          : new Refusal(404, "DAG_UNKNOWN", "no");
      },
    });
    const codes = await Promise.all([alike, mixed].map((fleet) => runCli(["trigger", "orders"], { url: fleet.url })));
    expect(codes.map(({ code }) => code)).toEqual([6, 1]);
  });

  test("changes nothing with --dry-run and shows what would happen where", async () => {
    await using fleet = await startFakeFleet();
    const { code, stdout, stderr } = await runCli(["pause", "orders", "--dry-run"], { url: fleet.url });
    expect(code).toBe(0);
    expect(stdout).toMatch(/eu-1 +development +orders +- +pause\n/);
    expect(stdout).toMatch(/us-1 +development +orders +- +change nothing: already paused\n/);
    expect(stdout).toMatch(/prod-1 +production +orders +- +pause\n/);
    expect(stderr).toContain("Nothing was changed (--dry-run).");
    expect(fleet.calls).not.toContain("patchDag");
  });

  test("leaves out instances that do not have the DAG, and tells", async () => {
    await using fleet = await startFakeFleet({
      getFleetDag: ({ params }) => ({ dag_id: params.dag_id, tags: [], cells: [], instances: [] }),
      patchDag: () => action(),
    });
    const { code, stderr } = await runCli(["pause", "orders"], { url: fleet.url });
    expect(code).toBe(3);
    expect(stderr).toContain('DAG_UNKNOWN: No instance has a DAG "orders"');
  });

  test("follows what is not over until it is", async () => {
    let looks = 0;
    await using fleet = await startFakeFleet({
      patchDag: () => action({ state: "pending", finished_at: null }),
      getAction: () => {
        looks += 1;
        return action({ state: looks < 2 ? "pending" : "done" });
      },
    });
    const { code, stdout } = await runCli(["pause", "orders", "--clients", "eu-1", "--json"], { url: fleet.url });
    expect(code).toBe(0);
    expect(rowsOf(stdout)).toMatchObject([{ outcome: "done" }]);
    expect(looks).toBe(2);
  });

  test("ends with 6 when it is not over in time, and without waiting with 0", async () => {
    await using fleet = await startFakeFleet({
      patchDag: () => action({ state: "pending" }),
      getAction: () => action({ state: "pending" }),
    });
    const args = ["pause", "orders", "--clients", "eu-1", "--json"];
    const [late, free] = await Promise.all([
      runCli([...args, "--timeout", "1s"], { url: fleet.url }),
      runCli([...args, "--no-wait"], { url: fleet.url }),
    ]);
    expect([late.code, free.code]).toEqual([6, 0]);
    expect(fleet.headers.map(({ prefer }) => prefer)).toEqual(expect.arrayContaining(["wait=1", "respond-async"]));
  });

  test("sends conf from a file, stdin or text, and refuses what is no object", async () => {
    const confs: unknown[] = [];
    await using fleet = await startFakeFleet({
      triggerRun: ({ body }) => {
        confs.push(body.conf);
        return action();
      },
    });
    const start = ["trigger", "orders", "--clients", "eu-1", "--conf"];
    expect((await runCli([...start, '{"a": 1}'], { url: fleet.url })).code).toBe(0);
    expect((await runCli([...start, "-"], { url: fleet.url, input: '{"b": 2}' })).code).toBe(0);
    expect(confs).toEqual([{ a: 1 }, { b: 2 }]);
    for (const wrong of ["[1]", "{", "@/does/not/exist"]) {
      const { code, stderr } = await runCli([...start, wrong], { url: fleet.url });
      expect({ wrong, code }).toEqual({ wrong, code: 2 });
      expect(stderr).toContain("airfleet: USAGE: --conf");
    }
  });

  test("clears the newest failed run of each instance that has one", async () => {
    const cleared: string[] = [];
    await using fleet = await startFakeFleet({
      listRuns: ({ params, query }) => {
        const has = params.instance !== "us-1" && query.state?.[0] === "failed";
        return {
          items: has ? [run({ instance: params.instance, dag_run_id: `bad_${params.instance}` })] : [],
          next_cursor: null,
        };
      },
      clearRun: ({ params, body }) => {
        cleared.push(
          `${params.instance} ${params.dag_run_id} ${body.dry_run} ${body.only_failed} ${body.confirm ?? ""}`,
        );
        return action({ after: { tasks: [1, 2] } });
      },
    });
    const dry = await runCli(["clear", "orders", "--dry-run"], { url: fleet.url });
    expect(dry.stdout).toMatch(/eu-1 .*bad_eu-1 +clear 2 tasks/);
    const real = await runCli(["clear", "orders", "--confirm", "prod-1"], { url: fleet.url });
    expect(real.code).toBe(0);
    expect(cleared.toSorted((a, b) => a.localeCompare(b))).toEqual([
      "eu-1 bad_eu-1 false true ",
      "eu-1 bad_eu-1 true true ",
      "prod-1 bad_prod-1 false true prod-1",
      "prod-1 bad_prod-1 true true ",
    ]);
  });
});

describe("production", () => {
  test.for([
    [["--clients", "prod-1"], 5],
    [["--clients", "prod-1", "--yes"], 5],
    [["--clients", "prod-1", "--confirm", "eu-1"], 5],
    [["--clients", "prod-1", "--confirm", "prod-1"], 0],
    [["--clients", "prod-1", "--confirm", "prod-1", "--yes"], 0],
    [["--clients", "eu-1"], 0],
    [[], 5],
    [["--confirm", "prod-1"], 0],
  ] as const)("pause with %j ends with %i", async ([args, expected]) => {
    await using fleet = await startFakeFleet();
    const { code, stderr } = await runCli(["pause", "orders", "--no-input", ...args], { url: fleet.url });
    expect(code).toBe(expected);
    expect(fleet.calls.includes("patchDag")).toBe(expected === 0);
    expect(stderr.includes('--confirm "prod-1"')).toBe(expected !== 0);
  });

  test("deleting needs --yes everywhere, since nothing brings it back", async () => {
    await using fleet = await startFakeFleet({ deleteRun: () => action() });
    const args = ["runs", "delete", "orders", "af_01", "--clients", "eu-1"];
    const [refused, done] = [
      await runCli(args, { url: fleet.url }),
      await runCli([...args, "--yes"], { url: fleet.url }),
    ];
    expect([refused.code, done.code]).toEqual([2, 0]);
    expect(fleet.calls.filter((id) => id === "deleteRun")).toHaveLength(1);
  });
});
