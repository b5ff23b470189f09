import { describe, expect, test } from "vitest";
import { backends, PATIENT } from "../../../store/test/backends.ts";
import { ADMIN, withSubjects } from "./subject-fixture.ts";

const AID = { type: "finding-aid", id: "123" };

describe.each(backends)("subjects over HTTP, in $name", PATIENT, (backend) => {
  test("a subject's page: last success, current run, last failure, counts, links", () =>
    withSubjects(backend, async ({ ask, observe }) => {
      const success = await observe({ runId: "a", day: 1, subjects: [AID] });
      const failure = await observe({ runId: "b", day: 2, state: "failed", subjects: [AID] });
      const current = await observe({ runId: "c", day: 3, state: "running", instance: "cinco-stage", subjects: [AID] });
      const { status, body, headers } = await ask("GET", "/api/v1/subjects/finding-aid/123?state_words=cinco");
      expect(status).toBe(200);
      expect(body).toMatchObject({
        ...AID,
        label: null,
        state: "running",
        state_word: "running",
        last_success: { id: success, state_word: "succeeded", href: `/api/v1/runs/${success}` },
        last_failure: { id: failure, state: "failed" },
        current_run: { id: current, instance: "cinco-stage" },
        newest_run: { id: current },
        pending_triggers: [],
        counts: { total: 3, success: 1, failed: 1, active: 1 },
      });
      expect(headers.get("link")).toContain(`</api/v1/runs/${success}>; rel="last-success"`);
      const runs = await ask("GET", "/api/v1/subjects/finding-aid/123/runs?limit=2&state_words=logidata");
      expect(runs.body.items.map((run) => [run.id, run.state_word])).toEqual([
        [current, "running"],
        [failure, "failed"],
      ]);
      const rest = await ask(
        "GET",
        `/api/v1/subjects/finding-aid/123/runs?limit=2&state_words=logidata&cursor=${runs.body.next_cursor}`,
      );
      expect(rest.body).toMatchObject({ items: [{ id: success }], next_cursor: null });
    }));

  test("runs by their own id, and in the list of the fleet, say their state in the asker's words too", () =>
    withSubjects(backend, async ({ ask, observe }) => {
      const run = await observe({ runId: "a", state: "queued" });
      expect((await ask("GET", `/api/v1/runs/${run}?state_words=cinco`)).body.state_word).toBe("running");
      expect((await ask("GET", "/api/v1/runs?state_words=logidata")).body.items[0]?.state_word).toBe("pending");
      expect((await ask("GET", `/api/v1/runs/${run}`)).body).not.toHaveProperty("state_word");
      expect((await ask("GET", `/api/v1/runs/${run}?state_words=none`)).status).toBe(400);
    }));

  test.each([
    ["slashes", "ark:/13030/kt1b69q8d0"],
    ["only slashes and dots", "../..//."],
    ["other scripts", "Ελληνικά 日本語 émoji 🗂️"],
    ["what URLs mean something by", "a?b#c%2Fd&e=f+g;h"],
    ["2,000 characters", `${"x/".repeat(999)}é!`],
    ["2,000 characters of three bytes each", "日".repeat(2_000)],
  ])("an id of %s works in a path, in a query, and in a body", (_what, id) =>
    withSubjects(backend, async ({ ask, observe }) => {
      const run = await observe({ runId: "a", subjects: [{ type: "thing", id }] });
      const path = `/api/v1/subjects/thing/${encodeURIComponent(id)}`;
      const put = await ask("PUT", path, { label: "L", url: "https://owner.example/1" });
      expect([put.status, put.body.id, put.body.label]).toEqual([200, id, "L"]);
      expect((await ask("GET", path)).body).toMatchObject({ id, counts: { total: 1 } });
      expect((await ask("GET", `${path}/runs`)).body.items).toMatchObject([{ id: run, subjects: [{ id }] }]);
      const query = new URLSearchParams({ type: "thing", id }).toString();
      expect((await ask("GET", `/api/v1/subjects/by-ref?${query}`)).body.id).toBe(id);
      const found = await ask("POST", "/api/v1/subjects/lookup", {
        subjects: [
          { type: "thing", id },
          { type: "thing", id: "another" },
        ],
      });
      expect(found.body).toMatchObject({ items: [{ id }, null] });
      expect((await ask("DELETE", `/api/v1/runs/${run}/subjects/thing/${encodeURIComponent(id)}`)).status).toBe(204);
      expect((await ask("GET", `/api/v1/runs/${run}/subjects`)).body.items).toEqual([]);
      expect((await ask("DELETE", path)).status).toBe(204);
      expect((await ask("GET", path)).body.code).toBe("SUBJECT_UNKNOWN");
    }),
  );

  test.each([
    ["2,001 characters", "x".repeat(2_001)],
    ["a line end", "a\nb"],
    ["NUL", "a\u0000b"],
  ])("an id of %s is refused wherever it is given", (_what, id) =>
    withSubjects(backend, async ({ ask, observe }) => {
      const run = await observe({ runId: "a" });
      const answers = await Promise.all([
        ask("GET", `/api/v1/subjects/thing/${encodeURIComponent(id)}`),
        ask("PUT", `/api/v1/subjects/thing/${encodeURIComponent(id)}`, {}),
        ask("POST", `/api/v1/runs/${run}/subjects`, { subjects: [{ type: "thing", id }] }),
        ask("POST", "/api/v1/subjects/lookup", { subjects: [{ type: "thing", id }] }),
      ]);
      expect(answers.map(({ status, body }) => [status, body.code])).toEqual(
        Array.from({ length: 4 }, () => [400, "REQUEST_INVALID"]),
      );
    }),
  );

  test.each(["javascript:alert(1)", "ftp://x", "//x", "https://u:p@x/", "x"])("a link %s is refused", (url) =>
    withSubjects(backend, async ({ ask }) => {
      const put = await ask("PUT", "/api/v1/subjects/thing/1", { url });
      expect([put.status, put.body.errors[0]?.pointer]).toEqual([400, "/body/url"]);
    }),
  );

  test("what is absent in a description stays, null takes away", () =>
    withSubjects(backend, async ({ ask }) => {
      await ask("PUT", "/api/v1/subjects/thing/1", { label: "L", url: "https://owner.example/1" });
      const kept = await ask("PUT", "/api/v1/subjects/thing/1", { url: null });
      expect(kept.body).toMatchObject({ label: "L", url: null, state: "none" });
    }));

  test("a task adds what its run is about, once per key, and again changes nothing", () =>
    withSubjects(backend, async ({ ask, observe, store }) => {
      const run = await observe({ runId: "bulk", state: "running" });
      const subjects = Array.from({ length: 2_500 }, (_, n) => ({ type: "finding-aid", id: String(n) }));
      const add = () => ask("POST", `/api/v1/runs/${run}/subjects`, { subjects }, { "idempotency-key": "bulk-1" });
      expect((await add()).body).toEqual({ added: 2_500, subjects_total: 2_500 });
      const replay = await add();
      expect([replay.headers.get("idempotent-replayed"), replay.body.added]).toEqual(["true", 2_500]);
      const again = await ask("POST", `/api/v1/runs/${run}/subjects`, {
        subjects: [{ type: "finding-aid", id: "7", label: "Seven" }],
      });
      expect(again.body).toEqual({ added: 0, subjects_total: 2_500 });
      expect((await ask("GET", "/api/v1/subjects/finding-aid/7")).body).toMatchObject({
        label: "Seven",
        state: "running",
      });
      const page = await ask("GET", `/api/v1/runs/${run}/subjects?limit=1000`);
      expect([page.body.items.length, page.body.next_cursor === null]).toEqual([1_000, false]);
      await store.audit.sequence(100);
      const audit = await ask("GET", "/api/v1/audit?verb=subject:link");
      expect(audit.body.items.at(-1)?.details).toMatchObject({ run, given: 2_500, added: 2_500 });
    }));

  test("lists by type, state, text and staleness", () =>
    withSubjects(backend, async ({ ask, observe }) => {
      await observe({ runId: "a", day: 1, subjects: [{ type: "finding-aid", id: "old", label: "Old Papers" }] });
      await observe({ runId: "b", day: 1, state: "failed", subjects: [{ type: "collection", id: "never" }] });
      const ids = async (query: string): Promise<readonly string[]> =>
        (await ask("GET", `/api/v1/subjects?${query}`)).body.items.map(({ id }) => id);
      expect(await ids("type=finding-aid")).toEqual(["old"]);
      expect(await ids("state=failed")).toEqual(["never"]);
      expect(await ids("text=PAPERS")).toEqual(["old"]);
      expect([...(await ids("no_success_for=1d"))].sort()).toEqual(["never", "old"]);
      expect(await ids("no_success_for=90d")).toEqual(["never"]);
      expect((await ask("GET", "/api/v1/subjects?no_success_for=soon")).status).toBe(400);
      expect((await ask("GET", "/api/v1/subjects?state_words=queued=x")).body.errors[0]?.message).toContain(
        "no word for",
      );
    }));

  test("a token for some instances sees subjects with runs there, counts these, and changes no others", () =>
    withSubjects(
      backend,
      async ({ ask, observe, control }) => {
        const mine = await observe({ runId: "a", instance: "cinco-stage", subjects: [AID] });
        const other = await observe({ runId: "b", day: 2, subjects: [AID, { type: "finding-aid", id: "hidden" }] });
        const { plain } = await control.access.createToken(ADMIN, {
          name: "stage",
          role: "operator",
          instances: ["cinco-stage"],
          expiresInDays: 1,
        });
        const headers = { authorization: `Bearer ${plain}` };
        const as = (method: string, path: string, body?: unknown) => ask(method, path, body, headers);
        const seen = await as("GET", "/api/v1/subjects");
        expect(seen.body.items).toMatchObject([{ id: "123", counts: { total: 1 }, newest_run: { id: mine } }]);
        expect((await as("GET", "/api/v1/subjects/finding-aid/hidden")).status).toBe(404);
        expect((await as("PUT", "/api/v1/subjects/finding-aid/hidden", { label: "x" })).status).toBe(404);
        expect((await as("GET", "/api/v1/subjects/finding-aid/123/runs")).body.items).toMatchObject([{ id: mine }]);
        expect((await as("DELETE", "/api/v1/subjects/finding-aid/123")).status).toBe(403);
        expect((await as("DELETE", "/api/v1/subjects/finding-aid/hidden")).status).toBe(404);
        expect((await as("GET", `/api/v1/runs/${other}/subjects`)).body.code).toBe("RUN_KEY_UNKNOWN");
        expect((await as("POST", `/api/v1/runs/${other}/subjects`, { subjects: [AID] })).status).toBe(404);
        expect((await as("POST", `/api/v1/runs/${mine}/subjects`, { subjects: [AID] })).status).toBe(200);
      },
      { authMode: "token" },
    ));
});
