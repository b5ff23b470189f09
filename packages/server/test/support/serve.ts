import type { Control } from "@airfleet/control";
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
