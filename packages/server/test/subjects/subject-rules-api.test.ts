import { setTimeout as pause } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import { backends, PATIENT } from "../../../store/test/backends.ts";
import { ADMIN, controlOver, observeAllIn, type SubjectWorld, withSubjects } from "./subject-fixture.ts";

const RULE = {
  dags: ["index_finding_aid"],
  subjects: [{ type: "finding-aid", id: "{{ conf.finding_aid_id }}", label: "{{ conf.eadid }}" }],
};
const RULES = "/api/v1/subject-rules";

const until = async <T>(look: () => Promise<T>, isSo: (seen: T) => boolean): Promise<T> => {
  const end = Date.now() + 30_000;
  for (;;) {
    const seen = await look();
    if (isSo(seen)) return seen;
    if (Date.now() > end) throw new Error(`it did not come about in time: ${JSON.stringify(seen)}`);
    await pause(20);
  }
};

const applied = ({ ask }: Pick<SubjectWorld, "ask">, id: string) =>
  until(
    async () => (await ask("GET", `/api/v1/subject-rule-applications/${id}`)).body,
    ({ state }) => state === "done",
  );

describe.each(backends)("subject rules over HTTP, in $name", PATIENT, (backend) => {
  test("a rule is written, read, changed and removed under its version", () =>
    withSubjects(backend, async ({ ask, store }) => {
      const made = await ask("PUT", `${RULES}/finding-aids`, RULE);
      expect([made.status, made.headers.get("etag"), made.headers.get("location")]).toEqual([
        201,
        '"1"',
        `${RULES}/finding-aids`,
      ]);
      expect(made.body).toMatchObject({
        id: "finding-aids",
        rule: { instances: ["*"], enabled: true },
        last_error: null,
      });
      expect((await ask("PUT", `${RULES}/finding-aids`, RULE)).body.code).toBe("VERSION_MISSING");
      const changed = { ...RULE, description: "ours" };
      const stale = await ask("PUT", `${RULES}/finding-aids`, changed, { "if-match": '"7"' });
      expect([stale.status, stale.body.code]).toEqual([412, "VERSION_CONFLICT"]);
      const put = await ask("PUT", `${RULES}/finding-aids`, changed, { "if-match": '"1"' });
      expect([put.status, put.headers.get("etag"), put.body.rule.description]).toEqual([200, '"2"', "ours"]);
      expect((await ask("GET", RULES)).body.items).toHaveLength(1);
      expect((await ask("DELETE", `${RULES}/finding-aids`)).status).toBe(428);
      expect((await ask("DELETE", `${RULES}/finding-aids`, undefined, { "if-match": '"2"' })).status).toBe(204);
      expect((await ask("GET", `${RULES}/finding-aids`)).body.code).toBe("DOCUMENT_UNKNOWN");
      expect((await ask("PUT", `${RULES}/gone`, RULE, { "if-match": '"1"' })).body.code).toBe("DOCUMENT_UNKNOWN");
      await store.audit.sequence(100);
      const audit = await ask("GET", "/api/v1/audit?verb=subject_rule:create,subject_rule:update,subject_rule:remove");
      expect(audit.body.items).toHaveLength(3);
    }));

  test("what can never work is refused with the place", () =>
    withSubjects(backend, async ({ ask }) => {
      const bad = await ask("PUT", `${RULES}/bad`, { ...RULE, subjects: [{ type: "x", id: "{{ secret.x }}" }] });
      expect([bad.status, bad.body.errors[0]?.pointer]).toEqual([400, "/body/subjects/0/id"]);
      expect(bad.body.errors[0]?.message).toContain("{{ secret.x }} is unknown");
      expect((await ask("PUT", `${RULES}/Bad%20Name`, RULE)).status).toBe(400);
    }));

  test("a dry run of a rule that is not stored shows what it would make of stored runs, and changes nothing", () =>
    withSubjects(backend, async ({ ask, observe }) => {
      const run = await observe({ runId: "a", conf: { finding_aid_id: 5, eadid: "kt5" } });
      await observe({ runId: "b", day: 1, conf: {} });
      await observe({ runId: "c", day: 2, conf: { finding_aid_id: [5] } });
      await observe({ runId: "d", day: 3, dagId: "another", conf: { finding_aid_id: 5 } });
      const dry = await ask("POST", `${RULES}/match`, { rule: { ...RULE, enabled: false } });
      expect(dry.body).toMatchObject({
        examined_runs: 4,
        is_partial: false,
        matched_runs: 3,
        subjects_found: 1,
        failures: 1,
        first_failure: expect.stringContaining("conf.finding_aid_id[]"),
        samples: [
          { dag_run_id: "c", problem: expect.stringContaining("is a list") },
          { run, subjects: [{ type: "finding-aid", id: "5", label: "kt5" }] },
        ],
      });
      const few = await ask("POST", `${RULES}/match`, { rule: RULE, max_runs: 2 });
      expect(few.body).toMatchObject({ examined_runs: 2, is_partial: true });
      const one = await ask("POST", `${RULES}/match`, { rule: RULE, run });
      expect(one.body).toMatchObject({ examined_runs: 1, subjects_found: 1 });
      const nothing = await ask("POST", `${RULES}/match`, { rule: { ...RULE, dags: ["no_such_dag"] } });
      expect(nothing.body).toMatchObject({ examined_runs: 4, matched_runs: 0, samples: [] });
      expect((await ask("GET", "/api/v1/subjects")).body.items).toEqual([]);
      expect((await ask("POST", `${RULES}/match`, { rule: RULE, rule_id: "x" })).status).toBe(400);
      expect((await ask("POST", `${RULES}/match`, { rule_id: "x" })).body.code).toBe("DOCUMENT_UNKNOWN");
    }));

  test("rules are applied to stored runs in the background, and twice adds nothing twice", () =>
    withSubjects(backend, async (world) => {
      const { ask, control, store } = world;
      await observeAllIn(
        store,
        Array.from({ length: 450 }, (_, n) => ({ runId: `r${n}`, day: n % 20, conf: { finding_aid_id: n % 7 } })),
      );
      expect((await ask("POST", `${RULES}/apply`, {})).body.code).toBe("SUBJECT_RULES_NONE");
      await ask("PUT", `${RULES}/finding-aids`, RULE);
      control.startReconcilers();
      const first = await ask("POST", `${RULES}/apply`, {}, { "idempotency-key": "k" });
      expect([first.status, first.headers.get("location")]).toEqual([
        202,
        `/api/v1/subject-rule-applications/${first.body.id}`,
      ]);
      expect((await ask("POST", `${RULES}/apply`, {}, { "idempotency-key": "k" })).body.id).toBe(first.body.id);
      expect(await applied(world, first.body.id)).toMatchObject({
        rules: ["finding-aids"],
        examined_runs: 450,
        matched_runs: 450,
        added_subjects: 450,
        failures: 0,
      });
      expect((await ask("GET", "/api/v1/subjects")).body.items).toHaveLength(7);
      const again = await ask("POST", `${RULES}/apply`, { rule_ids: ["finding-aids"] });
      expect(await applied(world, again.body.id)).toMatchObject({ examined_runs: 450, added_subjects: 0 });
      expect((await ask("GET", "/api/v1/subject-rule-applications")).body.items[0]?.id).toBe(again.body.id);
      expect((await ask("GET", "/api/v1/subject-rule-applications/none")).body.code).toBe("RULE_APPLICATION_UNKNOWN");
    }));

  test("an application that was interrupted is gone on with by the next process", async () => {
    await using place = await backend.place();
    await using store = await place.open();
    await observeAllIn(
      store,
      Array.from({ length: 450 }, (_, n) => ({ runId: `r${n}`, day: n % 9, conf: { finding_aid_id: n } })),
    );
    const first = await controlOver(store);
    await first.subjectRules.create(ADMIN, "a", {
      description: "",
      enabled: true,
      instances: ["*"],
      when: {},
      capture: {},
      ...RULE,
    });
    const work = await first.subjectRules.apply(ADMIN, {});
    // Half of it, as a process leaves it that is killed between the work of a page and the note of it.
    const page = await store.runs.list({ limit: 200 });
    for (const run of page.items) await store.runs.addSubjects(run.key, [{ type: "finding-aid", id: "early" }]);
    const done = { examinedRuns: 200, matchedRuns: 200, addedSubjects: 200, failures: 0, lastError: null };
    await store.ruleApplications.advance({ id: work.id, from: null, next: page.next, ...done });
    await first.close({ drainMs: 100 });
    const second = await controlOver(store);
    second.startReconcilers();
    const end = await until(
      () => second.subjectRules.application(work.id),
      ({ state }) => state === "done",
    );
    expect(end).toMatchObject({ examinedRuns: 450, matchedRuns: 450, addedSubjects: 450 });
    await second.close({ drainMs: 100 });
  });

  test("a token for some instances sees and writes rules about these only", () =>
    withSubjects(
      backend,
      async ({ ask, observe, control }) => {
        const token = async (name: string, instances: readonly string[]) =>
          `Bearer ${(await control.access.createToken(ADMIN, { name, role: "admin", instances, expiresInDays: 1 })).plain}`;
        const all = { authorization: await token("all", ["*"]) };
        const stage = { authorization: await token("stage", ["cinco-stage"]) };
        await ask("PUT", `${RULES}/all`, RULE, all);
        await ask("PUT", `${RULES}/prd`, { ...RULE, instances: ["cinco-prd"] }, all);
        expect((await ask("GET", RULES, undefined, stage)).body.items.map(({ id }) => id)).toEqual(["all"]);
        expect((await ask("GET", `${RULES}/prd`, undefined, stage)).status).toBe(404);
        expect((await ask("PUT", `${RULES}/mine`, RULE, stage)).body.code).toBe("FORBIDDEN");
        expect((await ask("PUT", `${RULES}/mine`, { ...RULE, instances: ["cinco-stage"] }, stage)).status).toBe(201);
        const everywhere = await ask("DELETE", `${RULES}/all`, undefined, { ...stage, "if-match": "*" });
        expect(everywhere.body.code).toBe("FORBIDDEN");
        const hidden = await observe({ runId: "a", conf: { finding_aid_id: 1 } });
        await observe({ runId: "a", instance: "cinco-stage", conf: { finding_aid_id: 2 } });
        const dry = await ask("POST", `${RULES}/match`, { rule: RULE }, stage);
        expect(dry.body).toMatchObject({ examined_runs: 1, samples: [{ instance: "cinco-stage" }] });
        expect((await ask("POST", `${RULES}/match`, { rule: RULE, run: hidden }, stage)).body.code).toBe(
          "RUN_KEY_UNKNOWN",
        );
        const work = await ask("POST", `${RULES}/apply`, {}, all);
        expect((await ask("GET", `/api/v1/subject-rule-applications/${work.body.id}`, undefined, stage)).status).toBe(
          404,
        );
        const cancelled = await ask("POST", `/api/v1/subject-rule-applications/${work.body.id}/cancel`, undefined, all);
        expect(cancelled.body.state).toBe("cancelled");
      },
      { authMode: "token" },
    ));
});
