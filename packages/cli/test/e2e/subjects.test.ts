import { writeFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, test } from "vitest";
import { onDay, type SubjectWorld, withSubjects } from "../../../server/test/subjects/subject-fixture.ts";
import { backends } from "../../../store/test/backends.ts";
import { type CliResult, runCli, temporaryDirectory } from "../support/run-cli.ts";

const EXAMPLES = path.resolve(import.meta.dirname, "../../../../examples");
const RULE = path.join(EXAMPLES, "subject-rules/finding-aids.yaml");
const POLICY = path.join(EXAMPLES, "retention-policies/finding-aids.yaml");

interface World extends SubjectWorld {
  readonly cli: (...args: readonly string[]) => Promise<CliResult>;
  readonly json: (...args: readonly string[]) => Promise<unknown>;
}

const withCli = async (work: (world: World) => Promise<void>): Promise<void> => {
  const [sqlite] = backends;
  if (sqlite === undefined) throw new Error("there is no store to test on");
  await withSubjects(sqlite, async (world) => {
    const cli = (...args: readonly string[]) => runCli(args, { url: world.server.url });
    const json = async (...args: readonly string[]): Promise<unknown> =>
      JSON.parse((await cli(...args, "--json")).stdout);
    await work({ ...world, cli, json });
  });
};

describe("airfleet subjects", () => {
  test("a rule is tried, written, applied and removed, and the objects show", () =>
    withCli(async ({ cli, json, observe, control }) => {
      const run = await observe({ runId: "a", day: 1, conf: { finding_aid_id: "ark:/13030/kt1", eadid: "kt1" } });
      await observe({ runId: "b", day: 2, state: "failed", conf: { finding_aid_id: ["x"] } });
      control.startReconcilers();

      const dry = await cli("subjects", "match", "--dry-run", "--file", RULE);
      expect(dry.stdout).toMatch(/a +finding-aid\/ark:\/13030\/kt1 +1/);
      expect(dry.stdout).toContain("conf.finding_aid_id is a list");
      expect(dry.stderr).toContain("2 runs looked at, 2 matched, 1 subjects, 1 failed. Nothing was changed.");
      expect((await cli("subjects", "list")).stderr).toContain("Nothing found.");

      expect((await cli("subjects", "rules", "put", "aids", "--file", RULE)).code).toBe(0);
      expect((await cli("subjects", "rules", "put", "aids", "--file", RULE)).code).toBe(0);
      expect(await json("subjects", "rules", "list")).toMatchObject([{ id: "aids", version: 2 }]);
      const applied = await json("subjects", "rules", "apply", "aids");
      expect(applied).toMatchObject({ state: "done", examined_runs: 2, added_subjects: 1, failures: 1 });
      expect(await json("subjects", "rules", "applications")).toMatchObject([{ state: "done" }]);

      expect(await json("subjects", "show", "finding-aid", "ark:/13030/kt1", "--words", "cinco")).toMatchObject({
        label: "kt1",
        state_word: "succeeded",
        last_success: { id: run },
      });
      expect(await json("subjects", "list", "--text", "KT1")).toMatchObject([{ id: "ark:/13030/kt1" }]);
      expect(await json("subjects", "runs", "finding-aid", "ark:/13030/kt1")).toMatchObject([{ id: run }]);
      const fresh = { type: "finding-aid", id: "fresh" };
      await observe({ runId: "c", day: (Date.now() - Date.parse(onDay(0))) / 86_400_000, subjects: [fresh] });
      expect(await json("subjects", "list")).toHaveLength(2);
      expect((await cli("subjects", "list", "--no-success-for", "7d", "-o", "name")).stdout).toBe("ark:/13030/kt1\n");

      expect((await cli("subjects", "rules", "remove", "aids")).code).toBe(2);
      expect((await cli("subjects", "rules", "remove", "aids", "--yes")).code).toBe(0);
      const unknown = await cli("subjects", "rules", "show", "aids");
      expect([unknown.code, unknown.stderr]).toEqual([3, expect.stringContaining("DOCUMENT_UNKNOWN")]);
    }));

  test("objects are described, linked, unlinked and forgotten", () =>
    withCli(async ({ cli, json, observe }) => {
      const run = await observe({ runId: "a" });
      expect((await cli("subjects", "link", run, "finding-aid", "1", "2")).stderr).toContain("Added 2");
      expect((await cli("subjects", "unlink", run, "finding-aid", "2")).code).toBe(0);
      const described = await json(
        "subjects",
        "describe",
        "finding-aid",
        "1",
        "--label",
        "One",
        "--url",
        "https://x.example/",
      );
      expect(described).toMatchObject({ label: "One", url: "https://x.example/" });
      expect(await json("subjects", "describe", "finding-aid", "1", "--label", "")).toMatchObject({
        label: null,
        url: "https://x.example/",
      });
      expect((await cli("subjects", "remove", "finding-aid", "1", "--yes")).code).toBe(0);
      const gone = await cli("subjects", "show", "finding-aid", "1");
      expect([gone.code, gone.stderr]).toEqual([3, expect.stringContaining('There is no subject "finding-aid" "1"')]);
    }));

  test("a file that is no rule is refused with the place, one that cannot be read with the next step", () =>
    withCli(async ({ cli }) => {
      using directory = temporaryDirectory();
      const file = path.join(directory.path, "rule.yaml");
      writeFileSync(file, "dags: ['*']\nsubjects: [{type: thing, id: '{{ confi.id }}'}]\n");
      const refused = await cli("subjects", "rules", "put", "bad", "--file", file);
      expect(refused.code).toBe(2);
      expect(refused.stderr).toContain("{{ confi.id }} is unknown");
      writeFileSync(file, "- a list\n");
      expect((await cli("subjects", "rules", "put", "bad", "--file", file)).stderr).toContain("holds no definition");
      expect((await cli("subjects", "rules", "put", "bad", "--file", `${file}.gone`)).stderr).toContain(
        "cannot be read",
      );
    }));
});

describe("airfleet retention", () => {
  test("a policy is previewed, written, listed in order, swept by, and removed", () =>
    withCli(async ({ cli, json, observe, control, store }) => {
      const aid = { type: "finding-aid", id: "1" };
      await observe({ runId: "old", day: 1, subjects: [aid] });
      await observe({ runId: "new", day: 2, subjects: [aid] });
      control.startReconcilers();
      const preview = await cli("retention", "preview", "--file", POLICY);
      expect(preview.stdout).toMatch(/old +success +\S+ +given \(finding-aid\/1\)/);
      expect(preview.stderr).toContain("2 runs looked at, 1 would go. Nothing was changed.");
      expect(
        (await cli("retention", "put", "wide", "--file", path.join(EXAMPLES, "retention-policies/stage-failures.yaml")))
          .code,
      ).toBe(0);
      expect((await cli("retention", "put", "aids", "--file", POLICY)).code).toBe(0);
      expect(await json("retention", "list")).toMatchObject([{ id: "aids" }, { id: "wide" }]);
      expect((await cli("retention", "show", "aids")).stdout).toContain("latest_success_and_newest");
      expect((await cli("retention", "sweep")).code).toBe(0);
      const end = Date.now() + 30_000;
      while ((await store.runs.list({ limit: 10 })).items.length > 1) {
        if (Date.now() > end) throw new Error("the sweep did not come");
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
      // The word of earlier versions.
      expect((await cli("retention", "delete", "aids", "-y")).code).toBe(0);
      expect(await json("retention", "list")).toMatchObject([{ id: "wide" }]);
      expect(await json("retention", "status")).toHaveProperty("last_sweep");
    }));
});
