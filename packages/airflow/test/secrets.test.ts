import { createScrubber, toSafeCause } from "@airfleet/http";
import { inspect } from "node:util";
import { InstanceConfig, resolveInstanceConfig, toDagId } from "@airfleet/model";
import { describe, expect, it } from "vitest";
import { createAirflowEngine } from "../src/index.ts";
import { errorOf, reply, startAirflowStub } from "./airflow-stub.ts";

const CANARY = 'canary+S3cret/"x" y';

const AUTHS = {
  basic: { type: "basic", username: `user-${CANARY}`, password: `pw-${CANARY}` },
  bearer: { type: "bearer", token: "canary-S3cret-token" },
  login: { type: "login", username: `user-${CANARY}`, password: `pw-${CANARY}` },
  exec: { type: "exec", command: ["/no/such/program", `arg-${CANARY}`], env: { T: `env-${CANARY}` } },
  jwt: { type: "jwt", algorithm: "HS256", key: "canary-S3cret-canary-S3cret-canary-S3cret-canary" },
  mwaa: {
    type: "mwaa",
    environment: "e",
    region: "eu-west-1",
    access_key_id: "canary-S3cret-key",
    secret_access_key: `sk-${CANARY}`,
    session_token: "canary-S3cret-session",
  },
} as const;

/** Everything that a log line, an error reporter or a debugger would print of a value. */
const shown = (value: unknown): string => {
  const parts: string[] = [inspect(value, { depth: 20, showHidden: true, getters: true })];
  for (let error = value; error instanceof Error; error = error.cause)
    parts.push(error.message, error.stack ?? "", JSON.stringify(error));
  return parts.join("\n");
};

describe.each(Object.entries(AUTHS))("with %s credentials", (_type, auth) => {
  it("no error, cause or printed engine shows a planted secret, even when the server echoes everything", async () => {
    await using stub = await startAirflowStub(2);
    stub.route("*", (seen, response) => {
      const echo = `${JSON.stringify(seen.headers)} ${seen.body} ${Buffer.from((seen.headers.authorization ?? "").slice(6), "base64").toString("utf8")}`;
      const kinds = [
        () => reply(response, 500, `<html><title>${echo}</title><h1>${echo}</h1></html>`),
        () => reply(response, 400, { detail: echo }),
        () => reply(response, 302, "", { location: `https://x.example/?${encodeURIComponent(echo)}` }),
        () => reply(response, 200, { dag_id: [echo] }),
        () => reply(response, 403, { detail: echo }),
        () => void response.destroy(),
      ];
      kinds[stub.calls.length % kinds.length]?.();
    });
    const config = resolveInstanceConfig(
      InstanceConfig.parse({
        id: "x1",
        url: stub.url.replace("//", `//url-user:${encodeURIComponent(CANARY)}@`),
        auth: auth.type === "mwaa" ? { ...auth, endpoint: stub.url } : auth,
        headers: { "X-Key": "canary-S3cret-header" },
        tls: { key: `-----BEGIN ${CANARY}` },
      }),
      () => "",
    );
    const engine = createAirflowEngine({ config: { ...config, tls: { insecure: false } } });
    const texts = [shown(engine)];
    for (let i = 0; i < 14; i += 1) {
      texts.push(shown(await errorOf(engine.getDag(toDagId("d"), { timeoutMs: 2_000 }))));
      texts.push(shown(await errorOf(engine.setPaused(toDagId("d"), true, { timeoutMs: 2_000 }))));
    }
    await engine.close();
    const secured = createAirflowEngine({ config: { ...config, url: "https://127.0.0.1:9" } });
    texts.push(shown(secured), shown(await errorOf(secured.getDag(toDagId("d"), { timeoutMs: 500 }))));
    await secured.close();
    for (const text of texts) {
      expect(text).not.toMatch(/canary|S3cret/);
      expect(text).not.toContain(Buffer.from(`user-${CANARY}:pw-${CANARY}`).toString("base64"));
    }
  });
});

it("keeps of a cause its name, code and scrubbed words, and nothing that hangs on it", () => {
  const config = resolveInstanceConfig(
    InstanceConfig.parse({ id: "x", url: "http://h", auth: AUTHS.bearer }),
    () => "",
  );
  const original = Object.assign(new TypeError(`sent ${AUTHS.bearer.token}`), {
    code: "EPIPE",
    request: { headers: { authorization: AUTHS.bearer.token } },
  });
  const cause = toSafeCause(original, createScrubber(config));
  expect(cause).toMatchObject({ name: "TypeError", code: "EPIPE", message: "sent ***" });
  expect(shown(cause)).not.toContain(AUTHS.bearer.token);
});

it("scrubs a secret as written, URL-encoded, JSON-escaped and as a Basic pair", () => {
  const config = resolveInstanceConfig(InstanceConfig.parse({ id: "x", url: "http://h", auth: AUTHS.basic }), () => "");
  const scrub = createScrubber(config);
  const secret = `pw-${CANARY}`;
  for (const written of [
    secret,
    encodeURIComponent(secret),
    JSON.stringify(secret),
    Buffer.from(`user-${CANARY}:${secret}`).toString("base64"),
  ]) {
    expect(scrub(`before ${written} after`)).toMatch(/^before "?\*\*\*"? after$/);
  }
  expect(scrub("nothing of it")).toBe("nothing of it");
});
