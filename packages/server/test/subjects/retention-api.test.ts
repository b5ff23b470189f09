import { describe, expect, test } from "vitest";
import { backends, PATIENT } from "../../../store/test/backends.ts";
import { ADMIN, withSubjects } from "./subject-fixture.ts";

const POLICIES = "/api/v1/retention-policies";
const KEEP = { scope: { subject_type: "finding-aid" }, rule: { keep: "latest_success_and_newest" } };
const aid = (id: string) => ({ type: "finding-aid", id });

describe.each(backends)("retention policies over HTTP, in $name", PATIENT, (backend) => {
  test("a policy is written, listed by precedence, changed and removed under its version", () =>
    withSubjects(backend, async ({ ask, store }) => {
      const made = await ask("PUT", `${POLICIES}/aids`, KEEP);
      expect([made.status, made.headers.get("etag"), made.headers.get("location")]).toEqual([
        201,
        '"1"',
        `${POLICIES}/aids`,
      ]);
      await ask("PUT", `${POLICIES}/a-wide-one`, { rule: { keep: "last_n", n: 5 } });
      expect((await ask("GET", POLICIES)).body.items.map(({ id }) => id)).toEqual(["aids", "a-wide-one"]);
      expect((await ask("PUT", `${POLICIES}/aids`, KEEP)).body.code).toBe("VERSION_MISSING");
      expect((await ask("PUT", `${POLICIES}/aids`, KEEP, { "if-match": '"4"' })).body.code).toBe("VERSION_CONFLICT");
      const put = await ask("PUT", `${POLICIES}/aids`, { ...KEEP, enabled: false }, { "if-match": '"1"' });
      expect([put.status, put.headers.get("etag")]).toEqual([200, '"2"']);
      expect((await ask("DELETE", `${POLICIES}/aids`, undefined, { "if-match": '"2"' })).status).toBe(204);
      expect((await ask("GET", `${POLICIES}/aids`)).body.code).toBe("DOCUMENT_UNKNOWN");
      await store.audit.sequence(100);
      const verbs = ["create", "update", "remove"].map((verb) => `retention_policy:${verb}`).join(",");
      expect((await ask("GET", `/api/v1/audit?verb=${verbs}`)).body.items).toHaveLength(4);
    }));

  test.each([
    [{ rule: { keep: "last_n" } }, "/body/rule/n"],
    [{ rule: { keep: "last_n", n: 0 } }, "/body/rule/n"],
    [{ rule: { keep: "failures_days", days: 1.5 } }, "/body/rule/days"],
    [{ rule: { keep: "nothing" } }, "/body/rule/keep"],
    [{ rule: { keep: "everything", n: 3 } }, "/body/rule/n"],
    [{ ...KEEP, scope: { instance: "eu prod" } }, "/body/scope/instance"],
    [{ ...KEEP, scope: { subject_type: "Finding Aid" } }, "/body/scope/subject_type"],
    [{ ...KEEP, scope: { subject_types: ["x"] } }, "/body/scope/subject_types"],
    [{}, "/body/rule"],
  ])("%j is refused at %s", (body, pointer) =>
    withSubjects(backend, async ({ ask }) => {
      const put = await ask("PUT", `${POLICIES}/p`, body);
      expect([put.status, put.body.errors[0]?.pointer]).toEqual([400, pointer]);
    }),
  );

  test("a preview says what would go and why, also in place of a stored policy, and changes nothing", () =>
    withSubjects(backend, async ({ ask, observe }) => {
      const old = await observe({ runId: "old", day: 1, subjects: [aid("1")] });
      await observe({ runId: "bulk", day: 1, subjects: [aid("1"), aid("2")] });
      await observe({ runId: "new", day: 2, subjects: [aid("1")] });
      const given = await ask("POST", `${POLICIES}/preview`, { policy: KEEP });
      expect(given.body).toMatchObject({
        looked_at: 3,
        is_partial: false,
        would_go: 1,
        by_policy: { given: 1 },
        samples: [{ run: old, reasons: [{ policy: "given", subject: aid("1") }], reasons_total: 1 }],
      });
      expect((await ask("POST", `${POLICIES}/preview`, {})).body).toMatchObject({ looked_at: 0, would_go: 0 });
      await ask("PUT", `${POLICIES}/aids`, KEEP);
      expect((await ask("POST", `${POLICIES}/preview`, {})).body).toMatchObject({ by_policy: { aids: 1 } });
      const instead = await ask("POST", `${POLICIES}/preview`, {
        policy: { ...KEEP, rule: { keep: "everything" } },
        policy_id: "aids",
      });
      expect(instead.body).toMatchObject({ looked_at: 3, would_go: 0 });
      expect((await ask("POST", `${POLICIES}/preview`, { max_runs: 1 })).body).toMatchObject({
        looked_at: 1,
        is_partial: true,
      });
      expect((await ask("GET", "/api/v1/runs")).body.items).toHaveLength(3);
    }));

  test("a token for some instances writes policies for these only, and sweeps nothing", () =>
    withSubjects(
      backend,
      async ({ ask, observe, control }) => {
        const { plain } = await control.access.createToken(ADMIN, {
          name: "stage",
          role: "admin",
          instances: ["cinco-stage"],
          expiresInDays: 1,
        });
        const stage = { authorization: `Bearer ${plain}` };
        await observe({ runId: "old", day: 1, subjects: [aid("1")] });
        await observe({ runId: "new", day: 2, subjects: [aid("1")] });
        expect((await ask("PUT", `${POLICIES}/p`, KEEP, stage)).body.code).toBe("FORBIDDEN");
        const own = { ...KEEP, scope: { instance: "cinco-stage" } };
        expect((await ask("PUT", `${POLICIES}/own`, own, stage)).status).toBe(201);
        expect((await ask("POST", `${POLICIES}/preview`, { policy: KEEP }, stage)).body).toMatchObject({
          looked_at: 0,
        });
        expect((await ask("POST", `${POLICIES}/sweep`, undefined, stage)).body.code).toBe("FORBIDDEN");
        await control.retention.create(ADMIN, "prd", {
          description: "",
          enabled: true,
          scope: { instance: "cinco-prd" },
          rule: { keep: "everything" },
        });
        expect((await ask("GET", POLICIES, undefined, stage)).body.items.map(({ id }) => id)).toEqual(["own"]);
        expect((await ask("GET", `${POLICIES}/prd`, undefined, stage)).status).toBe(404);
      },
      { authMode: "token" },
    ));
});
