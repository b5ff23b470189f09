import { generateKeyPairSync } from "node:crypto";
import { describe, expect, test } from "vitest";
import { backends, PATIENT } from "../../../store/test/backends.ts";
import { ADMIN, withSubjects } from "../subjects/subject-fixture.ts";

const subjects = [{ type: "thing", id: "{{ dag_id }}" }];
const keep = { keep: "everything" };
const keys = [
  {
    type: "public",
    key_id: "k1",
    algorithm: "EdDSA",
    public_key: generateKeyPairSync("ed25519").publicKey.export({ type: "spki", format: "pem" }),
  },
];

/** One document of each kind: as an admin of all wrote it about others, or about all, and as one of some would have it. */
const KINDS = [
  {
    path: "/api/v1/subject-rules",
    ofOthers: { dags: ["*"], instances: ["cinco-prd"], subjects },
    ofAll: { dags: ["*"], subjects },
    own: { dags: ["*"], instances: ["cinco-stage"], subjects },
  },
  {
    path: "/api/v1/retention-policies",
    ofOthers: { scope: { instance: "cinco-prd" }, rule: keep },
    ofAll: { scope: {}, rule: keep },
    own: { scope: { instance: "cinco-stage" }, rule: keep },
  },
  {
    path: "/api/v1/event-sources",
    ofOthers: { type: "http", instance: "cinco-prd" },
    ofAll: { type: "http", hosts: { "http://old.example": "cinco-prd" } },
    own: { type: "http", instance: "cinco-stage" },
  },
  {
    path: "/api/v1/trigger-keys",
    ofOthers: { instance: "cinco-prd", keys },
    ofAll: { instance: "cinco-prd", dags: ["*"], keys },
    own: { instance: "cinco-stage", keys },
  },
  {
    path: "/api/v1/alert-rules",
    ofOthers: { condition: "import_error", instances: ["cinco-prd"] },
    ofAll: { condition: "import_error" },
    own: { condition: "import_error", instances: ["cinco-stage"] },
  },
] as const;

describe.each(backends)("an admin of some instances, in $name", PATIENT, (backend) => {
  test.each(KINDS)("takes over nothing of others under $path", ({ path, ofOthers, ofAll, own }) =>
    withSubjects(
      backend,
      async ({ ask, control }) => {
        const tokenOf = async (name: string, instances: readonly string[]) => {
          const { plain } = await control.access.createToken(ADMIN, {
            name,
            role: "admin",
            instances,
            expiresInDays: 1,
          });
          return { authorization: `Bearer ${plain}` };
        };
        const all = await tokenOf("all", ["*"]);
        const some = await tokenOf("some", ["cinco-stage"]);
        expect((await ask("PUT", `${path}/others`, ofOthers, all)).status).toBe(201);
        expect((await ask("PUT", `${path}/wide`, ofAll, all)).status).toBe(201);
        for (const version of ['"1"', "*"]) {
          const headers = { ...some, "if-match": version };
          const put = await ask("PUT", `${path}/others`, own, headers);
          expect([put.status, put.body.code]).toEqual([404, "DOCUMENT_UNKNOWN"]);
          expect([403, 404]).toContain((await ask("PUT", `${path}/wide`, own, headers)).status);
          expect((await ask("DELETE", `${path}/others`, undefined, headers)).status).toBe(404);
          expect([403, 404]).toContain((await ask("DELETE", `${path}/wide`, undefined, headers)).status);
        }
        for (const id of ["others", "wide"]) {
          expect((await ask("GET", `${path}/${id}`, undefined, all)).headers.get("etag")).toBe('"1"');
        }
        expect((await ask("PUT", `${path}/mine`, own, some)).status).toBe(201);
        expect((await ask("PUT", `${path}/mine`, own, { ...some, "if-match": '"1"' })).status).toBe(200);
      },
      { authMode: "token" },
    ),
  );
});
