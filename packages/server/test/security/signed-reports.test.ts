import { describe, expect, test } from "vitest";
import { backends, PATIENT } from "../../../store/test/backends.ts";
import { otherPair, pair, publicKey, reportOf, signJws, tokenFor } from "../report-sources/report-fixture.ts";
import { ADMIN, type SubjectWorld, withSubjects } from "../subjects/subject-fixture.ts";

const SOURCE = "/api/v1/report-sources/cinco-prd";

/** The parts of answers that these tests look at. */
interface Said {
  readonly accepted: number;
  readonly duplicates: number;
  readonly rejected: number;
  readonly refused: number;
  readonly code: string;
  readonly detail: string;
  readonly version: number;
  readonly items: readonly Readonly<Record<string, unknown>>[];
  readonly refusals: readonly Readonly<Record<string, unknown>>[];
}

type Ask = (
  method: string,
  path: string,
  body?: unknown,
  headers?: Readonly<Record<string, string>>,
) => Promise<{ readonly status: number; readonly body: Said; readonly headers: Headers }>;

interface World extends Omit<SubjectWorld, "ask"> {
  /** As somebody without a token. */
  readonly ask: Ask;
  readonly asAdmin: Ask;
  /** Posts a body as its sender would, with a token for it. */
  readonly send: (body: unknown, token?: string) => ReturnType<Ask>;
}

const withServer = (backend: (typeof backends)[number], work: (world: World) => Promise<void>) =>
  withSubjects(
    backend,
    async (given) => {
      const ask = given.ask as unknown as Ask;
      const wish = { name: "all", role: "admin", instances: ["*"], expiresInDays: 1 } as const;
      const { plain } = await given.control.access.createToken(ADMIN, wish);
      const asAdmin: Ask = (method, path, body, headers) =>
        ask(method, path, body, { authorization: `Bearer ${plain}`, ...headers });
      const send: World["send"] = (body, token) => {
        const text = JSON.stringify(body);
        return ask("POST", "/api/v1/reports", text, { authorization: `Bearer ${token ?? tokenFor(text)}` });
      };
      expect((await asAdmin("PUT", SOURCE, { keys: [publicKey()] })).status).toBe(201);
      await work({ ...given, ask, asAdmin, send });
    },
    { authMode: "token" },
  );

/** How much is kept of what was sent: runs, and messages that could not be used. */
const keptBy = async ({ asAdmin }: World) => {
  const runs = await asAdmin("GET", "/api/v1/runs");
  const rejected = await asAdmin("GET", "/api/v1/reports/rejected");
  return { runs: runs.body.items.length, rejected: rejected.body.items.length };
};

describe.each(backends)("signed reports, in $name", PATIENT, (backend) => {
  test("need no API token, and are kept once however often they come", () =>
    withServer(backend, async ({ asAdmin, send }) => {
      const one = reportOf();
      const text = JSON.stringify(one);
      const token = tokenFor(text);
      const first = await send(one, token);
      expect([first.status, first.body]).toMatchObject([202, { accepted: 1, duplicates: 0, rejected: 0 }]);
      const [item] = first.body.items;
      // The very same post again, as somebody who heard it would send it.
      expect((await send(one, token)).body).toMatchObject({ accepted: 0, duplicates: 1 });
      const reports = async () => (await asAdmin("GET", `/api/v1/runs/${String(item?.["run"])}/reports`)).body.items;
      // What is kept is noted of its run right after the answer.
      await expect.poll(reports, { timeout: 20_000 }).toHaveLength(1);
    }));

  test("stand by each other: what is wrong with one does not stop the rest, and it is kept apart", () =>
    withServer(backend, async ({ asAdmin, send }) => {
      const reports = [
        reportOf(),
        reportOf({ run: { state: "shining" } }),
        reportOf({ instance: "cinco-stage" }),
        7,
        reportOf({ dag_run_id: "run-2" }),
      ];
      const { status, body } = await send({ reports });
      expect([status, body.accepted, body.rejected]).toEqual([202, 2, 3]);
      expect(body.items.map(({ outcome, code }) => code ?? outcome)).toEqual([
        "accepted",
        "REPORT_INVALID",
        "REPORT_WRONG_INSTANCE",
        "REPORT_INVALID",
        "accepted",
      ]);
      const { body: rejected } = await asAdmin("GET", "/api/v1/reports/rejected");
      expect(rejected.items).toHaveLength(3);
      // What says nothing usable of its own instance does not become usable, or somebody else's, by trying it again.
      expect((await asAdmin("POST", "/api/v1/reports/rejected/retry")).body).toMatchObject({ tried: 3, accepted: 0 });
    }));

  test("that are refused leave nothing behind but their count", () =>
    withServer(backend, async (world) => {
      const { ask, asAdmin, send } = world;
      const one = reportOf();
      const text = JSON.stringify(one);
      const codes: string[] = [];
      const tokens = [
        tokenFor(text, { key: otherPair.privateKey }),
        tokenFor(`${text} `),
        tokenFor(text, { exp: 1, iat: 0 }),
        tokenFor(text, { iat: 4e9, exp: 4e9 + 60 }),
        tokenFor(text, { iss: "cinco-stage" }),
        tokenFor(text, { aud: "others" }),
        "nonsense",
      ];
      for (const token of tokens) {
        const { status, body, headers } = await send(one, token);
        expect([status, headers.get("date")]).toEqual([401, expect.any(String)]);
        codes.push(body.code);
      }
      expect((await ask("POST", "/api/v1/reports", one)).body.code).toBe("REPORT_UNSIGNED");
      expect(codes).toEqual([
        "REPORT_SIGNATURE_INVALID",
        "REPORT_BODY_CHANGED",
        "REPORT_TOKEN_EXPIRED",
        "REPORT_TOKEN_NOT_YET_VALID",
        "REPORT_SIGNATURE_INVALID",
        "REPORT_TOKEN_INVALID",
        "REPORT_SIGNATURE_INVALID",
      ]);
      expect(await keptBy(world)).toEqual({ runs: 0, rejected: 0 });
      const { body: source } = await asAdmin("GET", SOURCE);
      expect(source).toMatchObject({ accepted: 0, refused: 6 });
      expect(source.refusals[0]).toMatchObject({ code: "REPORT_UNSIGNED", ip: "127.0.0.1", outcome: "refused" });
      const { body: all } = await asAdmin("GET", "/api/v1/reports/arrivals");
      expect(all.items.map(({ instance }) => instance).filter((instance) => instance === null)).toHaveLength(2);
    }));

  test("are believed by the old key and the new while they overlap, and not after the source is gone", () =>
    withServer(backend, async ({ asAdmin, send }) => {
      const keys = [publicKey(), publicKey(otherPair.publicKey, "k2")];
      const put = await asAdmin("PUT", SOURCE, { keys }, { "if-match": '"1"' });
      expect([put.status, put.body.version]).toEqual([200, 2]);
      for (const key of [pair.privateKey, otherPair.privateKey]) {
        const report = reportOf();
        const kid = key === pair.privateKey ? "k1" : "k2";
        const claims = JSON.parse(
          Buffer.from(tokenFor(JSON.stringify(report)).split(".")[1] ?? "", "base64url").toString(),
        );
        expect((await send(report, signJws(claims, key, { kid }))).body.accepted).toBe(1);
      }
      expect((await asAdmin("DELETE", SOURCE, undefined, { "if-match": '"2"' })).status).toBe(204);
      expect((await send(reportOf())).body.code).toBe("REPORT_SIGNATURE_INVALID");
    }));

  test("in the older formats are signed in their payload, whatever Authorization and the header endpoint say", () =>
    withServer(backend, async ({ ask, asAdmin }) => {
      const claims = { dag_id: "chipseq", run_id: "r1", state: "running", progress: 40, error: "" };
      const headers = { authorization: "Basic dXNlcjpwYXNz", endpoint: "satellite/v1/", "content-type": "text/plain" };
      const post = (path: string, payload: unknown) => ask("POST", path, JSON.stringify({ payload }), headers);
      const path = "/reports/cinco-prd/satellite/v1/progress";
      const taken = await post(path, signJws(claims, pair.privateKey, { kid: undefined }));
      expect([taken.status, taken.body]).toEqual([200, {}]);
      const arrivals = async () => (await asAdmin("GET", "/api/v1/reports/arrivals?instance=cinco-prd")).body.items;
      expect((await arrivals()).at(-1)).toMatchObject({ outcome: "accepted", format: "g1", state: "running" });
      expect((await post(path, claims)).body.code).toBe("REPORT_UNSIGNED");
      expect((await post(path, signJws(claims, otherPair.privateKey))).body.code).toBe("REPORT_SIGNATURE_INVALID");
      // Signed for one instance, posted for another.
      expect((await post("/reports/cinco-stage/progress", signJws(claims))).body.code).toBe("REPORT_SIGNATURE_INVALID");
      // Rightly signed, and of no use: it would be of none the next time either.
      expect((await post("/reports/cinco-prd/x/nonsense", signJws(claims))).status).toBe(200);
      expect((await asAdmin("GET", "/api/v1/reports/rejected")).body.items).toMatchObject([
        { code: "REPORT_FORMAT_UNKNOWN", instance: "cinco-prd" },
      ]);
    }));

  test("under paths without an instance are of the one source that says so", () =>
    withServer(backend, async ({ ask, asAdmin }) => {
      const payload = { dag_id: "chipseq", run_id: "r1", state: "running", progress: 40, error: "" };
      const paths = ["/satellite/v1/progress", "/airflow/progress", "/progress"];
      const statuses = () => Promise.all(paths.map(async (path) => (await ask("POST", path, { payload })).status));
      expect(await statuses()).toEqual([404, 404, 404]);
      const stage = "/api/v1/report-sources/cinco-stage";
      expect((await asAdmin("PUT", stage, { unsigned: "allow", bare_paths: true })).status).toBe(201);
      expect(await statuses()).toEqual([200, 200, 200]);
      const second = await asAdmin("PUT", SOURCE, { keys: [publicKey()], bare_paths: true }, { "if-match": '"1"' });
      expect([second.status, second.body.code]).toEqual([409, "REPORT_BARE_PATHS_TAKEN"]);
      expect(second.body.detail).toContain('"cinco-stage"');
      // Let in unsigned, and none that can be used: told at once, and not kept.
      const wrong = await ask("POST", "/satellite/v1/nonsense", { payload });
      expect([wrong.status, wrong.body.code]).toEqual([422, "REPORT_FORMAT_UNKNOWN"]);
      expect((await asAdmin("GET", "/api/v1/reports/rejected")).body.items).toEqual([]);
    }));

  test("come from senders whose keys are kept, and secrets are never shown", () =>
    withServer(backend, async ({ asAdmin, store, send, ask }) => {
      const secret = Buffer.alloc(32, 7).toString("base64url");
      const shared = { type: "secret", key_id: "s", algorithm: "HS256" };
      const put = (keys: readonly unknown[], version: number) =>
        asAdmin("PUT", SOURCE, { keys }, { "if-match": `"${version}"` });
      expect((await put([shared], 1)).body.code).toBe("REPORT_KEY_REFUSED");
      expect((await put([{ ...shared, secret }], 1)).status).toBe(200);
      expect((await put([shared, publicKey()], 2)).status).toBe(200);
      const { body } = await asAdmin("GET", SOURCE);
      expect(JSON.stringify(body)).not.toContain(secret);
      expect(
        JSON.stringify(await store.documents.find("report_source", "cinco-prd").then((kept) => kept?.body)),
      ).not.toContain(secret);
      const trail = await asAdmin("GET", "/api/v1/audit");
      expect(JSON.stringify(trail.body)).not.toContain(secret);
      expect((await send(reportOf())).body.accepted).toBe(1);
      expect((await ask("PUT", SOURCE, {})).status).toBe(401);
    }));
});

describe.each(backends.slice(0, 1))("an admin of some instances", PATIENT, (backend) => {
  test("neither sees nor touches who reports of the others", () =>
    withServer(backend, async ({ asAdmin, ask, control, send }) => {
      const wish = { name: "some", role: "admin", instances: ["cinco-stage"], expiresInDays: 1 } as const;
      const { plain } = await control.access.createToken(ADMIN, wish);
      const asSome: Ask = (method, path, body, headers) =>
        ask(method, path, body, { authorization: `Bearer ${plain}`, ...headers });
      const keys = [publicKey(otherPair.publicKey)];
      for (const version of [undefined, '"1"', "*"]) {
        const headers = version === undefined ? {} : { "if-match": version };
        expect((await asSome("PUT", SOURCE, { keys }, headers)).body.code).toBe("INSTANCE_UNKNOWN");
        expect((await asSome("DELETE", SOURCE, undefined, headers)).body.code).toBe("INSTANCE_UNKNOWN");
      }
      expect((await asSome("GET", SOURCE)).body.code).toBe("INSTANCE_UNKNOWN");
      expect((await asSome("GET", "/api/v1/report-sources")).body.items).toEqual([]);

      const one = reportOf();
      expect((await send(one)).status).toBe(202);
      expect((await send(one, "nonsense")).status).toBe(401);
      const arrivals = "/api/v1/reports/arrivals";
      expect((await asAdmin("GET", arrivals)).body.items).toHaveLength(2);
      expect((await asSome("GET", arrivals)).body.items).toEqual([]);
      expect((await asSome("GET", `${arrivals}?instance=cinco-prd`)).body.code).toBe("INSTANCE_UNKNOWN");

      const bare = { keys: [publicKey()], bare_paths: true };
      expect((await asAdmin("PUT", SOURCE, bare, { "if-match": '"1"' })).status).toBe(200);
      const taken = await asSome("PUT", "/api/v1/report-sources/cinco-stage", { keys, bare_paths: true });
      expect(taken.body.code).toBe("REPORT_BARE_PATHS_TAKEN");
      expect(JSON.stringify(taken.body)).not.toContain("cinco-prd");
      expect((await asSome("PUT", "/api/v1/report-sources/cinco-stage", { keys })).status).toBe(201);
    }));
});

describe.each(backends.slice(0, 1))("a sender who fails too often", PATIENT, (backend) => {
  test("is told to wait, while good signatures from there are taken", () =>
    withServer(backend, async ({ send }) => {
      const statuses: number[] = [];
      for (let index = 0; index < 62; index += 1) statuses.push((await send(reportOf(), "nonsense")).status);
      expect([statuses.at(0), statuses.at(-1)]).toEqual([401, 429]);
      expect((await send(reportOf())).status).toBe(202);
    }));
});
