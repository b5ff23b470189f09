import { generateKeyPairSync, type KeyObject, randomBytes } from "node:crypto";
import { isAirfleetError, toDagId, toInstanceId, TriggerKey, type TriggerKeyInput } from "@airfleet/model";
import type { Store } from "@airfleet/store";
import { CompactSign } from "jose";
import { describe, expect, test } from "vitest";
import { backends, PATIENT, withStore } from "../../../store/test/backends.ts";
import type { Actor } from "../../src/actor.ts";
import { createTriggerKeyUseCases, type TriggerKeyUseCases } from "../../src/trigger-keys/trigger-key-use-cases.ts";

const ACTOR: Actor = { id: "local", role: "admin", instances: ["*"], sourceIp: null, requestId: null };
const NOW = Date.parse("2026-11-20T12:00:00Z");
const eu = toInstanceId("eu-1");
const us = toInstanceId("us-1");
const { publicKey, privateKey } = generateKeyPairSync("rsa", { modulusLength: 2_048 });

const pem = (key: KeyObject): string => key.export({ type: "spki", format: "pem" }).toString();
const definition = (fields: Partial<TriggerKeyInput> = {}): TriggerKey =>
  TriggerKey.parse({
    instance: "eu-1",
    dags: ["cwl-*"],
    replay: "allow",
    keys: [{ type: "public", key_id: "k1", algorithm: "RS256", public_key: pem(publicKey) }],
    ...fields,
  });

const FIELDS = { run_id: "r1", conf: '{"job":{"output_folder":"/out"}}' };
const sign = (claims: object, key: KeyObject = privateKey): Promise<string> =>
  new CompactSign(Buffer.from(JSON.stringify(claims))).setProtectedHeader({ alg: "RS256", typ: "JWT" }).sign(key);
const inDag = (body: Readonly<Record<string, unknown>>, dag = "cwl-align") => ({
  instance: eu,
  dagId: toDagId(dag),
  body,
});

const useCasesOn = (store: Store): TriggerKeyUseCases =>
  createTriggerKeyUseCases({
    store,
    instances: () => [{ id: eu }, { id: us }],
    now: () => NOW,
    onWritten: () => undefined,
  });

describe.each(backends)("trigger keys in $name", PATIENT, (backend) => {
  const withKeys = (work: (keys: TriggerKeyUseCases, store: Store) => Promise<void>): Promise<void> =>
    withStore(backend, (store) => work(useCasesOn(store), store));

  test("nothing needs to be signed before there is one, nor when all are disabled or another instance's", () =>
    withKeys(async (keys) => {
      expect(await keys.check(inDag(FIELDS))).toEqual({ kind: "unneeded" });
      await keys.put(ACTOR, "other", definition({ instance: "us-1" }), undefined);
      await keys.put(ACTOR, "off", definition({ enabled: false }), undefined);
      expect(await keys.check(inDag(FIELDS))).toEqual({ kind: "unneeded" });
    }));

  test("the fields that were signed start a run under either name of the signature, and no others do", () =>
    withKeys(async (keys) => {
      await keys.put(ACTOR, "bench", definition(), undefined);
      const token = await sign(FIELDS);
      for (const name of ["check_payload", "token"]) {
        const check = (body: object, dag?: string) => keys.check(inDag({ ...body, [name]: token }, dag));
        expect(await check(FIELDS)).toEqual({ kind: "accepted", id: "bench", keyId: "k1" });
        for (const body of [
          { ...FIELDS, run_id: "r2" },
          { ...FIELDS, conf: JSON.parse(FIELDS.conf) as object },
          { ...FIELDS, execution_date: "2026-11-20" },
          { run_id: FIELDS.run_id },
          {},
        ]) {
          expect(await check(body)).toMatchObject({ kind: "refused", field: name });
        }
        expect(await check(FIELDS, "orders")).toMatchObject({ reason: "no key of eu-1 is for this DAG" });
      }
      expect(await keys.check(inDag(FIELDS))).toMatchObject({ kind: "refused", reason: "it is not signed" });
      expect(await keys.check(inDag({ ...FIELDS, token: { alg: "none" } }))).toMatchObject({ kind: "refused" });
      expect(await keys.check(inDag({ ...FIELDS, token, check_payload: token }))).toMatchObject({ kind: "refused" });
    }));

  test("a signature that names its DAG is for that one, and one that does not is for none unless replay is allowed", () =>
    withKeys(async (keys) => {
      await keys.put(ACTOR, "bench", definition({ replay: "refuse" }), undefined);
      const named = { ...FIELDS, token: await sign({ ...FIELDS, dag_id: "cwl-align" }) };
      expect(await keys.check(inDag(named))).toMatchObject({ kind: "accepted" });
      expect(await keys.check(inDag(named, "cwl-sort"))).toMatchObject({
        reason: "bench: it was made for another DAG",
      });
      const open = { ...FIELDS, token: await sign(FIELDS) };
      expect(await keys.check(inDag(open))).toMatchObject({
        kind: "refused",
        reason: "bench: it does not name its DAG (dag_id), and the key says replay: refuse",
      });
      await keys.put(ACTOR, "bench", definition({ replay: "allow" }), 1);
      expect(await keys.check(inDag(open, "cwl-sort"))).toMatchObject({ kind: "accepted" });
      expect(await keys.check(inDag(named, "cwl-sort"))).toMatchObject({ kind: "refused" });
    }));

  test("time and audience count where the signer names them", () =>
    withKeys(async (keys) => {
      await keys.put(ACTOR, "bench", definition(), undefined);
      const at = NOW / 1_000;
      const check = async (claims: object) =>
        (await keys.check(inDag({ ...FIELDS, token: await sign({ ...FIELDS, ...claims }) }))).kind;
      expect(await check({ iat: at, exp: at + 60, jti: "1", aud: "eu-1" })).toBe("accepted");
      for (const claims of [{ exp: at - 60 }, { nbf: at + 60 }, { exp: "soon" }, { aud: "us-1" }]) {
        expect(await check(claims)).toBe("refused");
      }
    }));

  test("a foreign signature is refused, and a key that is gone at once on every server", () =>
    withKeys(async (keys, store) => {
      const elsewhere = useCasesOn(store);
      await keys.put(ACTOR, "bench", definition(), undefined);
      const foreign = generateKeyPairSync("rsa", { modulusLength: 2_048 }).privateKey;
      expect(await elsewhere.check(inDag({ ...FIELDS, token: await sign(FIELDS, foreign) }))).toMatchObject({
        reason: "bench: its signature does not hold",
      });
      const signed = inDag({ ...FIELDS, token: await sign(FIELDS) });
      expect(await elsewhere.check(signed)).toMatchObject({ kind: "accepted" });
      const expired = { ...definition().keys[0], not_after: "2026-11-20T11:00:00Z" };
      await keys.put(ACTOR, "bench", TriggerKey.parse({ ...definition(), keys: [expired] }), 1);
      expect(await elsewhere.check(signed)).toMatchObject({ kind: "refused" });
    }));

  test("one that protects nothing, or is of no instance, is refused when it is written", () =>
    withKeys(async (keys) => {
      const weak = pem(generateKeyPairSync("rsa", { modulusLength: 1_024 }).publicKey);
      const put = async (key: TriggerKey): Promise<string> => {
        try {
          await keys.put(ACTOR, "bench", key, undefined);
          return "written";
        } catch (error) {
          return isAirfleetError(error, "REQUEST_INVALID") ? (error.findings[0]?.pointer ?? "") : String(error);
        }
      };
      const withPem = (text: string) =>
        definition({ keys: [{ type: "public", key_id: "k1", algorithm: "RS256", public_key: text }] });
      expect(await put(withPem(weak))).toBe("/keys/0/public_key");
      expect(await put(withPem("nonsense"))).toBe("/keys/0/public_key");
      expect(await put(definition({ keys: [{ type: "secret", key_id: "s", algorithm: "HS256" }] }))).toBe(
        "/keys/0/secret",
      );
      expect(await put(definition({ instance: "nowhere" }))).toBe("/instance");
      expect(await keys.list()).toEqual([]);
    }));

  test("a shared secret is never shown, and stays when it is left out", () =>
    withKeys(async (keys, store) => {
      const secret = randomBytes(32);
      const key = { type: "secret", key_id: "s", algorithm: "HS256" } as const;
      await keys.put(
        ACTOR,
        "bench",
        definition({ keys: [{ ...key, secret: secret.toString("base64url") }] }),
        undefined,
      );
      await keys.put(ACTOR, "bench", definition({ keys: [key] }), 1);
      expect((await keys.get("bench")).key.keys).toEqual([key]);
      expect(JSON.stringify((await store.documents.find("trigger_key", "bench"))?.body)).not.toContain(
        secret.toString("base64url"),
      );
      const token = await new CompactSign(Buffer.from(JSON.stringify(FIELDS)))
        .setProtectedHeader({ alg: "HS256" })
        .sign(secret);
      expect(await keys.check(inDag({ ...FIELDS, token }))).toMatchObject({ kind: "accepted", keyId: "s" });
    }));

  test("a definition that cannot be read closes its instance instead of opening it", () =>
    withKeys(async (keys, store) => {
      await store.documents.create({ kind: "trigger_key", id: "odd", body: { instance: "eu-1" } }, { actor: "x" });
      expect(await keys.check(inDag(FIELDS))).toMatchObject({ kind: "refused" });
      expect(await keys.check({ ...inDag(FIELDS), instance: us })).toEqual({ kind: "unneeded" });
    }));
});
