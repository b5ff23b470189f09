import { execFile } from "node:child_process";
import { readdirSync } from "node:fs";
import path from "node:path";
import { promisify } from "node:util";
import { describe, expect, test } from "vitest";
import { readDocument } from "../../../cli/src/session/read-document.ts";
import { backends, PATIENT } from "../../../store/test/backends.ts";
import { type SubjectWorld, withSubjects } from "./subject-fixture.ts";

const EXAMPLES = path.join(import.meta.dirname, "../../../../examples");
const run = promisify(execFile);

const namesIn = (folder: string): readonly string[] =>
  readdirSync(path.join(EXAMPLES, folder))
    .filter((file) => file.endsWith(".yaml"))
    .map((file) => path.basename(file, ".yaml"));

const putAll = async ({ ask }: SubjectWorld, folder: string): Promise<void> => {
  for (const id of namesIn(folder)) {
    const put = await ask(
      "PUT",
      `/api/v1/${folder}/${id}`,
      await readDocument(path.join(EXAMPLES, folder, `${id}.yaml`)),
    );
    expect([id, put.status, put.body.errors]).toEqual([id, 201, undefined]);
  }
};

const NAMED = "cinco__ark:13030:kt1b69q8d0__2026-11-21T10:00:00+00:00";

describe.each(backends)("the examples, in $name", PATIENT, (backend) => {
  test("the rules give cinco's and the Collection Registry's runs their objects", () =>
    withSubjects(backend, async (world) => {
      const { ask, observe, control } = world;
      await putAll(world, "subject-rules");
      const single = await observe({
        runId: NAMED,
        conf: { finding_aid_id: 123, eadid: "kt1", repository_code: "uclasc", preview: "publish" },
      });
      const bulk = await observe({
        runId: "cinco__bulk__1",
        dagId: "bulk_index",
        day: 1,
        conf: { finding_aid_ids: [1, 2, 3], cinco_environment: "prd" },
      });
      const publish = await observe({
        runId: "r",
        dagId: "publish_collection",
        day: 2,
        conf: { collection_id: 26_147, version: "26147/vernacular_metadata_2026" },
      });
      const none = await observe({ runId: "n", dagId: "harvest_collection", day: 3, conf: {} });
      const work = await control.subjectRules.apply(
        { id: "local", role: "admin", instances: ["*"], sourceIp: null, requestId: null },
        {},
      );
      control.startReconcilers();
      const end = Date.now() + 30_000;
      while ((await control.subjectRules.application(work.id)).state !== "done") {
        if (Date.now() > end) throw new Error("the rules were not applied in time");
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
      const subjectsOf = async (key: string) =>
        (await ask("GET", `/api/v1/runs/${key}/subjects`)).body.items.map((one) =>
          Object.values(one).slice(0, 2).join(" "),
        );
      expect(await subjectsOf(single)).toEqual(["ark ark:13030:kt1b69q8d0", "finding-aid 123", "repository uclasc"]);
      expect(await subjectsOf(bulk)).toEqual(["finding-aid 1", "finding-aid 2", "finding-aid 3"]);
      expect(await subjectsOf(publish)).toEqual([
        "collection 26147",
        "collection-version 26147/26147/vernacular_metadata_2026",
      ]);
      expect(await subjectsOf(none)).toEqual([]);
      const page = await ask("GET", "/api/v1/subjects/finding-aid/123?state_words=cinco");
      expect(page.body).toMatchObject({
        label: "kt1",
        url: "https://cinco.example.org/admin/findingaids/findingaid/123/change/",
        state_word: "succeeded",
      });
    }));

  test("the policies are accepted, and keep what they say", () =>
    withSubjects(backend, async (world) => {
      const { ask, observe } = world;
      const aid = { type: "finding-aid", id: "1" };
      const old = await observe({ runId: "old", day: 1, subjects: [aid] });
      const both = await observe({ runId: "both", day: 1, subjects: [aid, { type: "collection", id: "c" }] });
      await observe({ runId: "success", day: 2, subjects: [aid] });
      await observe({ runId: "failed", day: 3, state: "failed", subjects: [aid] });
      await observe({ runId: "failed again", day: 4, state: "failed", subjects: [aid] });
      await putAll(world, "retention-policies");
      const { body } = await ask("POST", "/api/v1/retention-policies/preview", {});
      expect(body).toMatchObject({ looked_at: 5, is_partial: false, would_go: 2 });
      expect(body).toMatchObject({ samples: [{ run: old }, { dag_run_id: "failed" }] });
      expect(JSON.stringify(body)).not.toContain(both);
    }));

  test("a task says with Python's own library what its run is about", () =>
    withSubjects(backend, async ({ ask, observe, server }) => {
      const key = await observe({ runId: NAMED, state: "running", instance: "cinco-stage" });
      const script = path.join(EXAMPLES, "subject-rules/say_what_this_run_is_about.py");
      const say = () =>
        run("python3", [script, "index_finding_aid", NAMED, "finding-aid", "ark:/13030/kt1", "Ünï 日"], {
          env: { ...process.env, AIRFLEET_URL: server.url, AIRFLEET_INSTANCE: "cinco-stage" },
        });
      expect((await say()).stdout.trim()).toBe("2");
      expect((await say()).stdout.trim()).toBe("0");
      expect((await ask("GET", `/api/v1/runs/${key}/subjects`)).body.items).toMatchObject([
        { id: "ark:/13030/kt1" },
        { id: "Ünï 日" },
      ]);
    }));
});
