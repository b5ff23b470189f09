import { readFileSync } from "node:fs";
import { createServer } from "node:https";
import type { AddressInfo } from "node:net";
import { fileURLToPath } from "node:url";
import { toDagId } from "@airfleet/model";
import { expect, it } from "vitest";
import { errorOf, givenEngine, reply } from "./airflow-stub.ts";
import { sample } from "./sample.ts";

/** Made once for these tests with a life of a hundred years; the CA's own key is thrown away. */
const file = (name: string): string => fileURLToPath(new URL(`certificates/${name}`, import.meta.url));
const pem = (name: string): string => readFileSync(file(name), "utf8");
const dag = toDagId("t_ok");

const startTls = async ({ wantsClient = false }: { readonly wantsClient?: boolean } = {}) => {
  const options = {
    cert: pem("server.pem"),
    key: pem("server.key.pem"),
    ...(wantsClient ? { ca: pem("ca.pem"), requestCert: true, rejectUnauthorized: true } : {}),
  };
  const server = createServer(options, (request, response) => {
    if (request.url?.endsWith("/version"))
      reply(response, request.url.includes("v1") ? 200 : 404, { version: "2.11.2" });
    else reply(response, 200, sample("v1", "dag_get").response.body);
  });
  server.on("tlsClientError", () => undefined);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `https://127.0.0.1:${(server.address() as AddressInfo).port}`,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
};

it("does not trust an unknown CA unless told to be insecure, and says so in the log", async () => {
  await using server = await startTls();
  await using careful = givenEngine(server.url);
  const error = await errorOf(careful.getDag(dag));
  expect(error).toMatchObject({ code: "INSTANCE_TLS_FAILED", message: expect.stringContaining("tls.ca") });
  const warnings: unknown[] = [];
  const logger = { info: () => undefined, warn: (fields: object) => void warnings.push(fields) };
  await using careless = givenEngine(server.url, { tls: { insecure: true }, options: { logger } });
  expect(await careless.getDag(dag)).toMatchObject({ dagId: "t_ok" });
  expect(warnings).toEqual([{ instance: "x1" }]);
});

it.each([
  ["a path", () => file("ca.pem")],
  ["PEM text", () => pem("ca.pem")],
])("trusts the CA given as %s", async (_name, ca) => {
  await using server = await startTls();
  await using engine = givenEngine(server.url, { tls: { ca: ca() } });
  expect(await engine.getDag(dag)).toMatchObject({ dagId: "t_ok" });
});

it("shows its own certificate where the server asks for one", async () => {
  await using server = await startTls({ wantsClient: true });
  const ca = file("ca.pem");
  await using known = givenEngine(server.url, { tls: { ca, cert: file("client.pem"), key: pem("client.key.pem") } });
  expect(await known.getDag(dag)).toMatchObject({ dagId: "t_ok" });
  await using unknown = givenEngine(server.url, { tls: { ca } });
  const error = await errorOf(unknown.getDag(dag));
  expect(["INSTANCE_TLS_FAILED", "INSTANCE_UNREACHABLE"]).toContain(error.code);
});

it.each([
  ["ca", { ca: "/no/such/file.pem" }],
  [
    "key",
    {
      cert: "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----",
      key: "-----BEGIN PRIVATE KEY-----\nc2VjcmV0\n-----END PRIVATE KEY-----",
    },
  ],
])("says which part of tls cannot be used (%s), without showing it", async (_part, tls) => {
  await using server = await startTls();
  await using engine = givenEngine(server.url, { tls });
  const error = await errorOf(engine.getDag(dag));
  expect(error).toMatchObject({ code: "INSTANCE_TLS_FAILED" });
  expect(JSON.stringify(error)).not.toMatch(/c2VjcmV0|no\/such/);
});
