import { generateKeyPairSync, type KeyObject } from "node:crypto";
import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { isAirfleetError, ReportSource, toInstanceId } from "@airfleet/model";
import { describe, expect, onTestFinished, test } from "vitest";
import { createOutboundClient } from "../../src/outbound/outbound-client.ts";
import { createPublishedKeys } from "../../src/report-sources/published-keys.ts";
import type { UsableSource } from "../../src/report-sources/usable-source.ts";
import { verifySignature } from "../../src/report-sources/verify-signature.ts";
import { ManualClock } from "../manual-clock.ts";
import { ec, ed, NOW, otherEc, rsa, sign } from "./signing.ts";

const jwkOf = (key: KeyObject, fields: Readonly<Record<string, unknown>> = {}) => ({
  ...key.export({ format: "jwk" }),
  ...fields,
});

/** A server of keys, and a source that believes it. */
const publish = async (answer: (response: ServerResponse) => void, allow = ["127.0.0.1"]) => {
  let asked = 0;
  const server = createServer((_request, response) => {
    asked += 1;
    answer(response);
  });
  await new Promise<void>((ready) => server.listen(0, "127.0.0.1", ready));
  const outbound = createOutboundClient({ allow, timeoutMs: 500 });
  const clock = new ManualClock(NOW);
  onTestFinished(async () => {
    await outbound.close();
    server.closeAllConnections();
    server.close();
  });
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/jwks.json`;
  const terms = ReportSource.parse({ jwks: { url, algorithms: ["ES256", "RS256"] } });
  const published = createPublishedKeys(url, { outbound, clock });
  const source: UsableSource = { instance: toInstanceId("eu-1"), terms, keys: [], published };
  const codeOf = (token: string): Promise<string> =>
    verifySignature(source, token, NOW).then(
      () => "taken",
      (error: unknown) => (isAirfleetError(error) ? error.code : String(error)),
    );
  return { codeOf, clock, published, asked: () => asked };
};

const withKeys =
  (...keys: readonly object[]) =>
  (response: ServerResponse): void =>
    void response.end(JSON.stringify({ keys }));

const CLAIMS = { dag_id: "d" };
const first = jwkOf(ec.publicKey, { kid: "first" });
const second = jwkOf(otherEc.publicKey, { kid: "second" });

describe("published keys", () => {
  test("are read once, and believed for what they signed", async () => {
    const { codeOf, asked } = await publish(withKeys(first, second));
    expect(await codeOf(await sign(CLAIMS, ec.privateKey, { alg: "ES256", kid: "first" }))).toBe("taken");
    expect(await codeOf(await sign(CLAIMS, otherEc.privateKey, { alg: "ES256", kid: "second" }))).toBe("taken");
    expect(await codeOf(await sign(CLAIMS, otherEc.privateKey, { alg: "ES256", kid: "first" }))).toBe(
      "REPORT_SIGNATURE_INVALID",
    );
    // Without a key id each is tried.
    expect(await codeOf(await sign(CLAIMS, otherEc.privateKey, { alg: "ES256" }))).toBe("taken");
    expect(await codeOf(await sign(CLAIMS, rsa.privateKey, { alg: "RS256" }))).toBe("REPORT_SIGNATURE_INVALID");
    expect(asked()).toBe(1);
  });

  test("are not read again for each forged key id", async () => {
    const { codeOf, asked } = await publish(withKeys(first));
    for (const kid of ["a", "b", "c"]) {
      expect(await codeOf(await sign(CLAIMS, ec.privateKey, { alg: "ES256", kid }))).toBe("REPORT_SIGNATURE_INVALID");
    }
    expect(asked()).toBe(1);
  });

  test("are of the algorithms that we configured, and not too short", async () => {
    const weak = generateKeyPairSync("rsa", { modulusLength: 1_024 });
    const secret = { kty: "oct", k: Buffer.alloc(32, 1).toString("base64url"), kid: "secret" };
    const third = jwkOf(ed.publicKey, { kid: "third" });
    const { codeOf } = await publish(withKeys(jwkOf(weak.publicKey, { kid: "weak" }), secret, third, first));
    expect(await codeOf(await sign(CLAIMS, ed.privateKey, { alg: "EdDSA", kid: "third" }))).toBe(
      "REPORT_SIGNATURE_INVALID",
    );
    const hs = await sign(CLAIMS, Buffer.alloc(32, 1), { alg: "HS256", kid: "secret" });
    expect(await codeOf(hs)).toBe("REPORT_SIGNATURE_INVALID");
    const [head, payload] = (await sign(CLAIMS, rsa.privateKey, { alg: "RS256", kid: "weak" })).split(".");
    expect(await codeOf(`${head}.${payload}.${Buffer.alloc(128).toString("base64url")}`)).toBe(
      "REPORT_SIGNATURE_INVALID",
    );
  });

  test.each([
    ["an error", (response: ServerResponse) => void response.writeHead(500).end()],
    ["a redirect", (response: ServerResponse) => void response.writeHead(302, { location: "http://127.0.0.1/" }).end()],
    ["no JSON", (response: ServerResponse) => void response.end("<html>")],
    ["no keys", (response: ServerResponse) => void response.end("{}")],
    ["nothing", () => undefined],
    ["too much", (response: ServerResponse) => void response.end(JSON.stringify({ keys: ["x".repeat(300_000)] }))],
  ])(
    "that cannot be read since the answer is %s let nobody in, and are not asked for again at once",
    async (...args) => {
      const { codeOf, clock, asked } = await publish(args[1]);
      const token = await sign(CLAIMS, ec.privateKey, { alg: "ES256", kid: "first" });
      expect(await codeOf(token)).toBe("REPORT_KEYS_UNAVAILABLE");
      expect(await codeOf(token)).toBe("REPORT_KEYS_UNAVAILABLE");
      expect(asked()).toBe(1);
      await clock.advance(10_000);
      expect(await codeOf(token)).toBe("REPORT_KEYS_UNAVAILABLE");
      expect(asked()).toBe(2);
    },
  );

  test("are not read from an address that must not be called", async () => {
    const { codeOf, asked, published } = await publish(withKeys(first), []);
    expect(await codeOf(await sign(CLAIMS, ec.privateKey, { alg: "ES256" }))).toBe("REPORT_KEYS_UNAVAILABLE");
    expect([asked(), published.error()]).toEqual([0, expect.stringContaining("network.allow")]);
  });
});
