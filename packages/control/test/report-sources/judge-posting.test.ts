import { generateKeyPairSync } from "node:crypto";
import { type AirfleetError, isAirfleetError, ReportSource, toInstanceId } from "@airfleet/model";
import fc from "fast-check";
import { UnsecuredJWT } from "jose";
import { describe, expect, test } from "vitest";
import { createPostingJudge } from "../../src/report-sources/judge-posting.ts";
import { checkTerms, toUsableSource } from "../../src/report-sources/usable-source.ts";
import { ManualClock } from "../manual-clock.ts";
import {
  claimsFor,
  ec,
  ed,
  hashOf,
  NOW,
  otherEc,
  pemOf,
  publicKey,
  reportOf,
  rsa,
  shared,
  sharedKey,
  sign,
} from "./signing.ts";

const BODY = JSON.stringify(reportOf());

const sourceOf = (id: string, terms: Parameters<typeof ReportSource.parse>[0]) => {
  const { keys, ...rest } = ReportSource.parse(terms);
  const secret = Object.fromEntries(keys.flatMap((key) => (key.type === "secret" ? [[key.key_id, key.secret]] : [])));
  const document = { kind: "report_source", id, version: 1, createdAt: 0, updatedAt: 0, secret } as const;
  return toUsableSource({ ...document, body: { ...rest, keys } }, () => {
    throw new Error("no keys are published here");
  });
};

const SOURCES = [
  sourceOf("eu-1", { keys: [publicKey()] }),
  sourceOf("eu-2", { keys: [publicKey({ public_key: pemOf(otherEc.publicKey) })] }),
  sourceOf("open", { unsigned: "allow" }),
  sourceOf("closed", {}),
  sourceOf("all", {
    keys: [
      publicKey({ key_id: "rs", algorithm: "RS256", public_key: pemOf(rsa.publicKey) }),
      publicKey({ key_id: "es" }),
      publicKey({ key_id: "ed", algorithm: "EdDSA", public_key: pemOf(ed.publicKey) }),
      sharedKey("HS512"),
    ],
  }),
  sourceOf("turning", {
    keys: [
      publicKey({ key_id: "old", not_after: "2026-11-20T11:59:59Z" }),
      publicKey({ key_id: "next", public_key: pemOf(otherEc.publicKey), not_before: "2026-11-20T11:00:00Z" }),
      publicKey({ key_id: "later", public_key: pemOf(otherEc.publicKey), not_before: "2026-11-20T13:00:00Z" }),
    ],
  }),
];

const judge = createPostingJudge({
  findSource: (id) => SOURCES.find(({ instance }) => instance === id),
  clock: new ManualClock(NOW),
});

const post = (token: string | undefined, body = BODY) =>
  judge.native({ token, body: JSON.parse(body), bytes: Buffer.from(body), ip: "192.0.2.1" });

const postOld = (instance: string, body: unknown) =>
  judge.old({ instance: toInstanceId(instance), path: "/reports/x/status", body, ip: "192.0.2.1" });

/** Code and inner reason of a refusal. */
const refusalOf = async (posted: Promise<unknown>): Promise<string> => {
  const error = await posted.then(
    () => "taken",
    (thrown: unknown) => thrown,
  );
  if (!isAirfleetError(error)) return String(error);
  const { cause } = error;
  return cause instanceof Error ? `${error.code}: ${cause.message}` : error.code;
};

const tokenFor = async (fields: Readonly<Record<string, unknown>> = {}) => sign(claimsFor(BODY, fields));
const seconds = (offset: number): number => Math.floor(NOW / 1_000) + offset;

describe("a token", () => {
  test("that its instance made for this body is believed", async () => {
    expect(await post(await tokenFor())).toMatchObject({
      source: { instance: "eu-1" },
      items: [reportOf()],
      isSigned: true,
    });
  });

  test.each([
    ["rs", { alg: "RS256" }, rsa.privateKey],
    ["es", { alg: "ES256" }, ec.privateKey],
    ["ed", { alg: "EdDSA" }, ed.privateKey],
    ["shared", { alg: "HS512" }, shared],
  ] as const)("may be made with the key %s, named or not", async (kid, header, key) => {
    const body = JSON.stringify(reportOf({ instance: "all" }));
    const claims = claimsFor(body, { iss: "all" });
    await expect(post(await sign(claims, key, { ...header, kid }), body)).resolves.toBeDefined();
    await expect(post(await sign(claims, key, header), body)).resolves.toBeDefined();
  });

  test("that is not signed is refused", async () => {
    expect(await refusalOf(post(new UnsecuredJWT(claimsFor(BODY)).encode()))).toBe(
      "REPORT_SIGNATURE_INVALID: it is no signed token in compact form",
    );
    const [, payload] = (await tokenFor()).split(".");
    const none = Buffer.from('{"alg":"none"}').toString("base64url");
    for (const end of ["", "x"]) {
      expect(await refusalOf(post(`${none}.${payload}.${end}`))).toContain("REPORT_SIGNATURE_INVALID");
    }
  });

  test("made with the public key taken for a secret is refused", async () => {
    for (const secret of [pemOf(ec.publicKey), pemOf(rsa.publicKey)]) {
      const token = await sign(claimsFor(BODY, { iss: "all" }), Buffer.from(secret), { alg: "HS256" });
      expect(await refusalOf(post(token))).toContain("REPORT_SIGNATURE_INVALID");
    }
    const es = await sign(claimsFor(BODY, { iss: "all" }), ec.privateKey, { alg: "ES256", kid: "rs" });
    expect(await refusalOf(post(es))).toBe(
      "REPORT_SIGNATURE_INVALID: its algorithm is not the one that the key is for",
    );
  });

  const foreign = generateKeyPairSync("ec", { namedCurve: "P-256" });
  test.each([
    ["jwk", foreign.publicKey.export({ format: "jwk" })],
    ["jku", "https://evil.example/jwks.json"],
    ["x5u", "https://evil.example/chain.pem"],
    ["x5c", ["MIIB"]],
    ["crit", ["urn:x"]],
  ])("that brings its own %s is refused, whoever signed it", async (name, value) => {
    for (const key of [foreign.privateKey, ec.privateKey]) {
      const extra = name === "crit" ? { "urn:x": 1 } : {};
      const token = await sign(claimsFor(BODY), key, { alg: "ES256", [name]: value, ...extra });
      expect(await refusalOf(post(token))).toBe(`REPORT_SIGNATURE_INVALID: its header has "${name}"`);
    }
  });

  test.each([
    [{ alg: "ES256", typ: "dpop+jwt" }, "its type is another one"],
    [{ alg: "ES256", kid: 7 }, "its key id is no text"],
    [{ alg: "ES256", kid: "unheard-of" }, "its key id is not one of ours, or not valid at this time"],
  ])("with the header %j is refused", async (header, reason) => {
    expect(await refusalOf(post(await sign(claimsFor(BODY), ec.privateKey, header)))).toBe(
      `REPORT_SIGNATURE_INVALID: ${reason}`,
    );
  });

  test("of another instance's key is refused, and so is one for an instance that is not there", async () => {
    expect(await refusalOf(post(await sign(claimsFor(BODY), otherEc.privateKey)))).toBe(
      "REPORT_SIGNATURE_INVALID: its signature does not hold",
    );
    const told = async (iss: string): Promise<string> =>
      post(await tokenFor({ iss })).then(
        () => "taken",
        (error: AirfleetError) => error.message,
      );
    expect(await told("nobody")).toBe((await told("eu-2")).replace("eu-2", "nobody"));
  });

  test("of a rightful sender does not speak for another instance", async () => {
    const body = JSON.stringify(reportOf({ instance: "eu-2" }));
    expect(await refusalOf(post(await sign(claimsFor(body)), body))).toBe("REPORT_WRONG_INSTANCE");
    const many = JSON.stringify({ reports: [reportOf({ instance: "eu-2" }), reportOf()] });
    expect((await post(await sign(claimsFor(many)), many)).items).toHaveLength(2);
  });

  test("made for another body is refused", async () => {
    const token = await tokenFor();
    expect(await refusalOf(post(token, `${BODY} `))).toBe("REPORT_BODY_CHANGED");
    for (const body_sha256 of [undefined, null, "", 7, hashOf("x"), hashOf(BODY).slice(0, -1)]) {
      expect(await refusalOf(post(await tokenFor({ body_sha256 })))).toBe("REPORT_BODY_CHANGED");
    }
  });

  test.each([
    [{ iat: seconds(-120), exp: seconds(-61) }, "REPORT_TOKEN_EXPIRED"],
    [{ iat: seconds(-120), exp: seconds(-59) }, "taken"],
    [{ iat: seconds(61), exp: seconds(121) }, "REPORT_TOKEN_NOT_YET_VALID"],
    [{ iat: seconds(59), exp: seconds(121) }, "taken"],
    [{ nbf: seconds(3_600) }, "REPORT_TOKEN_NOT_YET_VALID"],
    [{ iat: seconds(3_600), exp: seconds(3_660) }, "REPORT_TOKEN_NOT_YET_VALID"],
    [{ iat: seconds(-3_600), exp: seconds(-3_540) }, "REPORT_TOKEN_EXPIRED"],
    [{ exp: seconds(300) }, "taken"],
    [{ exp: seconds(301) }, "REPORT_TOKEN_INVALID"],
    [{ iat: seconds(10), exp: seconds(10) }, "REPORT_TOKEN_INVALID"],
    [{ exp: undefined }, "REPORT_TOKEN_INVALID"],
    [{ iat: undefined }, "REPORT_TOKEN_INVALID"],
    [{ exp: String(seconds(60)) }, "REPORT_TOKEN_INVALID"],
    [{ aud: "airflow" }, "REPORT_TOKEN_INVALID"],
    [{ aud: undefined }, "REPORT_TOKEN_INVALID"],
    [{ aud: ["airfleet", "other"] }, "taken"],
    [{ jti: undefined }, "REPORT_TOKEN_INVALID"],
    [{ jti: "" }, "REPORT_TOKEN_INVALID"],
    [{ iss: undefined }, "REPORT_SIGNATURE_INVALID: it is no token that names an instance as its iss"],
  ])("with the claims %j is %s", async (fields, expected) => {
    expect(await refusalOf(post(await tokenFor(fields)))).toBe(expected);
  });

  test("says what time it is here when its own is wrong", async () => {
    const late = await post(await tokenFor({ iat: seconds(-300), exp: seconds(-240) })).catch((error) => error);
    expect(late.message).toContain("2026-11-20T11:56:00.000Z, and it is 2026-11-20T12:00:00.000Z here");
  });

  test("that is too long, or no token, is refused", async () => {
    expect(await refusalOf(post(await tokenFor({ padding: "x".repeat(8_000) })))).toBe("REPORT_TOKEN_INVALID");
    for (const token of ["", "x", "aft_1_2_3", "a.b.c", "....", BODY]) {
      expect(await refusalOf(post(token))).toContain("REPORT_SIGNATURE_INVALID");
    }
  });

  test("of a key that has expired, or is not valid yet, is refused while the one between is good", async () => {
    const body = JSON.stringify(reportOf({ instance: "turning" }));
    const claims = claimsFor(body, { iss: "turning" });
    const as = async (kid: string, key = otherEc.privateKey) =>
      refusalOf(post(await sign(claims, key, { alg: "ES256", kid }), body));
    expect(await as("next")).toBe("taken");
    expect(await as("old", ec.privateKey)).toContain("REPORT_SIGNATURE_INVALID");
    expect(await as("later")).toContain("REPORT_SIGNATURE_INVALID");
    expect(await refusalOf(post(await sign(claims, otherEc.privateKey, { alg: "ES256" }), body))).toBe("taken");
    expect(await refusalOf(post(await sign(claims, ec.privateKey, { alg: "ES256" }), body))).toContain("INVALID");
  });

  test("that was changed anywhere is refused", async () => {
    const token = await tokenFor();
    const changed = fc.oneof(
      fc.tuple(fc.nat(token.length - 1), fc.constantFrom(..."ABCxyz019-_.=+/ ".split(""))).map(([at, letter]) => {
        return token.slice(0, at) + letter + token.slice(at + 1);
      }),
      fc.nat(token.length - 1).map((at) => token.slice(0, at) + token.slice(at + 1)),
      fc.tuple(fc.nat(2), fc.string({ maxLength: 40 })).map(([part, text]) => {
        const parts = token.split(".");
        parts[part] = Buffer.from(text).toString("base64url");
        return parts.join(".");
      }),
      fc.string({ maxLength: 200 }),
    );
    const [head, payload, mark = ""] = token.split(".");
    const bytes = Buffer.from(mark, "base64url");
    /** The last letter of 64 bytes has bits that mean nothing: another spelling of the same token is no other one. */
    const isSame = (other: string): boolean => {
      const parts = other.split(".");
      return parts[0] === head && parts[1] === payload && Buffer.from(parts[2] ?? "", "base64url").equals(bytes);
    };
    await fc.assert(
      fc.asyncProperty(
        changed.filter((other) => !isSame(other)),
        async (other) => {
          expect(await refusalOf(post(other))).toMatch(/^REPORT_/);
        },
      ),
      { numRuns: 500 },
    );
  });
});

describe("a post without a token", () => {
  test.each([
    ["eu-1", "REPORT_UNSIGNED: it has no signature"],
    ["closed", "REPORT_UNSIGNED: it has no signature"],
    ["nobody", "REPORT_UNSIGNED: there is no enabled report source of that name"],
    [undefined, "REPORT_UNSIGNED: there is no enabled report source of that name"],
    ["open", "taken"],
  ])("about %s: %s", async (instance, expected) => {
    expect(await refusalOf(post(undefined, JSON.stringify(reportOf({ instance }))))).toBe(expected);
    const many = JSON.stringify({ reports: [reportOf({ instance }), reportOf({ instance })] });
    expect(await refusalOf(post(undefined, many))).toBe(expected);
  });

  test("does not speak of other instances than the one that allows it", async () => {
    const many = JSON.stringify({ reports: [reportOf({ instance: "open" }), reportOf({ instance: "eu-1" })] });
    expect(await post(undefined, many)).toMatchObject({ source: { instance: "open" } });
  });

  test("is not made good by a token that nobody can check", async () => {
    expect(await refusalOf(post(await tokenFor({ iss: "open" })))).toContain("REPORT_SIGNATURE_INVALID");
  });
});

describe("a body", () => {
  test.each([
    ["[]", "REQUEST_INVALID"],
    ['{"reports": []}', "REQUEST_INVALID"],
    ['{"reports": 5}', "REQUEST_INVALID"],
    [JSON.stringify({ reports: Array.from({ length: 501 }, () => reportOf()) }), "REQUEST_INVALID"],
    [`{"reports": [${"[".repeat(100)}${"]".repeat(100)}]}`, "REPORT_TOO_LARGE"],
    ['{"reports": [{"__proto__": {"a": 1}}]}', "REPORT_UNREADABLE"],
  ])("%s that was rightly signed is refused all the same", async (body, code) => {
    expect(await refusalOf(post(await sign(claimsFor(body)), body))).toBe(code);
    expect(await refusalOf(post("a.b.c", body))).toContain("REPORT_SIGNATURE_INVALID");
  });
});

describe("a report in an older format", () => {
  const claims = { dag_id: "d", run_id: "r", state: "running", progress: 1 };

  test("is believed when one of its instance's keys signed it, named or not", async () => {
    expect(await postOld("eu-1", { payload: await sign(claims, ec.privateKey, { alg: "ES256" }) })).toMatchObject({
      source: { instance: "eu-1" },
      claims,
      isSigned: true,
    });
    const second = await sign(claims, ed.privateKey, { alg: "EdDSA", typ: "JWT" });
    expect(await postOld("all", { payload: second })).toMatchObject({ claims });
  });

  test("in clear is refused by a source with keys, as when its sender could not sign", async () => {
    expect(await refusalOf(postOld("eu-1", { payload: claims }))).toBe("REPORT_UNSIGNED: it has no signature");
    expect(await refusalOf(postOld("nobody", { payload: claims }))).toContain("REPORT_UNSIGNED");
    expect(await postOld("open", { payload: claims })).toMatchObject({ claims, isSigned: false });
  });

  test("of another key, or that nobody can check, is refused", async () => {
    const payload = await sign(claims, otherEc.privateKey, { alg: "ES256" });
    for (const instance of ["eu-1", "open", "closed", "nobody"]) {
      expect(await refusalOf(postOld(instance, { payload }))).toContain("REPORT_SIGNATURE_INVALID");
    }
    expect(await refusalOf(postOld("eu-1", { payload: new UnsecuredJWT(claims).encode() }))).toContain("INVALID");
  });

  test.each([[null], [[]], [{}], [{ payload: null }], [{ payload: 7 }], [{ payload: [] }]])(
    "without a payload is refused: %j",
    async (body) => {
      expect(await refusalOf(postOld("open", body))).toBe("REPORT_FORMAT_UNKNOWN");
      expect(await refusalOf(postOld("eu-1", body))).toContain("REPORT_UNSIGNED");
    },
  );

  test("that is nested too deeply is refused, signed or not", async () => {
    const deep = `{"dag_id": ${"[".repeat(100)}${"]".repeat(100)}}`;
    const payload = await sign(deep, ec.privateKey, { alg: "ES256" });
    expect(await refusalOf(postOld("eu-1", { payload }))).toBe("REPORT_TOO_LARGE");
    expect(await refusalOf(postOld("open", { payload: JSON.parse(deep) }))).toBe("REPORT_TOO_LARGE");
  });
});

const refusedTerms = (terms: Parameters<typeof ReportSource.parse>[0], secrets = {}): string => {
  try {
    checkTerms(ReportSource.parse(terms), secrets);
    return "taken";
  } catch (error) {
    if (isAirfleetError(error)) return error.message;
    throw error;
  }
};

describe("terms", () => {
  /** RSA of 1,024 bits, as the key that cwl-airflow-parser published for its demo. */
  const weak = pemOf(generateKeyPairSync("rsa", { modulusLength: 1_024 }).publicKey);
  test.each([
    [{ unsigned: "allow", keys: [publicKey()] }, 'cannot be "allow" beside keys'],
    [{ unsigned: "allow", jwks: { url: "https://a.example/", algorithms: ["ES256"] } }, 'cannot be "allow" beside'],
    [{ keys: [publicKey(), publicKey()] }, 'two keys with the key_id "k1"'],
    [{ keys: [publicKey({ algorithm: "RS256", public_key: weak })] }, 'key "k1" cannot be used: it has 1024 bits'],
    [{ keys: [publicKey({ public_key: pemOf(rsa.publicKey) })] }, "ES256 needs a key of type ec"],
    [{ keys: [sharedKey("HS256", Buffer.alloc(31, 1))] }, "it has 31 bytes"],
    [{ keys: [{ type: "secret", key_id: "s", algorithm: "HS256" }] }, "it is needed, as there is none yet"],
    [
      { keys: [publicKey({ not_before: "2026-02-01T00:00:00Z", not_after: "2026-01-01T00:00:00Z" })] },
      'the key "k1" is never valid',
    ],
    [{ keys: [publicKey({ not_after: "2026-01-01T00:00:00Z" })] }, "taken"],
    [{ unsigned: "allow" }, "taken"],
  ] as const)("%#: %s", (terms, expected) => {
    expect(refusedTerms(terms as Parameters<typeof ReportSource.parse>[0])).toContain(expected);
  });

  test.each(["Europe/Atlantis", "", "x".repeat(200)])("the zone %j is none", (time_zone) => {
    expect(ReportSource.safeParse({ time_zone }).success).toBe(false);
  });
});
