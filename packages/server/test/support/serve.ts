import type { Control } from "@airfleet/control";
import { AirfleetError } from "@airfleet/model";
import type { Logger } from "pino";
import { createLogger } from "../../src/logging/create-logger.ts";
import { createMetrics } from "../../src/metrics/metrics.ts";
import { type RunningServer, type ServerOptions, startServer } from "../../src/start-server.ts";

/** A server on a free port, with its log in memory. */
export interface TestServer extends AsyncDisposable {
  readonly url: string;
  readonly running: RunningServer;
  readonly log: string[];
  readonly get: (path: string, headers?: Readonly<Record<string, string>>) => Promise<Response>;
  readonly send: (
    method: string,
    path: string,
    body?: unknown,
    headers?: Readonly<Record<string, string>>,
  ) => Promise<Response>;
}

/** Kept answers in memory, as the store's repository promises them. */
export const keepInMemory = (): ServerOptions["kept"] => {
  const known = new Map<
    string,
    { readonly hash: string; answer?: { readonly status: number; readonly body: unknown } }
  >();
  return {
    begin: async ({ actor, method, route, key, requestHash }) => {
      const scope = JSON.stringify([actor, method, route, key]);
      const found = known.get(scope);
      if (found === undefined) {
        known.set(scope, { hash: requestHash });
        return { kind: "fresh", claim: { scope, holder: "me" } };
      }
      if (found.hash !== requestHash) throw new AirfleetError("IDEMPOTENCY_KEY_REUSED", { key });
      return found.answer === undefined ? { kind: "outstanding" } : { kind: "replay", answer: found.answer };
    },
    finish: async ({ scope }, answer) => void Object.assign(known.get(scope) ?? {}, { answer }),
    abandon: async ({ scope }) => void known.delete(scope),
  };
};

export const memoryLogger = (log: string[]): Logger => createLogger("debug", { write: (line) => void log.push(line) });

export const serveForTest = async (control: Control, overrides: Partial<ServerOptions> = {}): Promise<TestServer> => {
  const log: string[] = [];
  const running = await startServer({
    control,
    logger: memoryLogger(log),
    metrics: createMetrics("0.1.0"),
    version: "0.1.0",
    authMode: "local",
    host: "127.0.0.1",
    port: 0,
    kept: keepInMemory(),
    openApi: { openapi: "3.1.0" },
    ...overrides,
  });
  const send: TestServer["send"] = (method, path, body, headers = {}) =>
    fetch(`${running.url}${path}`, {
      method,
      headers: { ...(body === undefined ? {} : { "content-type": "application/json" }), ...headers },
      ...(body === undefined ? {} : { body: typeof body === "string" ? body : JSON.stringify(body) }),
      redirect: "manual",
    });
  return {
    url: running.url,
    running,
    log,
    get: (path, headers) => send("GET", path, undefined, headers),
    send,
    [Symbol.asyncDispose]: () => running.close(),
  };
};
