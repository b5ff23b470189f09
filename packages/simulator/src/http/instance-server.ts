import { once } from "node:events";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as wait } from "node:timers/promises";
import type { ActiveFault } from "../faults/fault-board.ts";
import { replacementOf } from "../faults/replace-answer.ts";
import { type Answer, text } from "./answer.ts";
import { type Request, readRequest } from "./request.ts";
import type { LoggedRequest } from "./request-log.ts";
import { sendAnswer } from "./send.ts";

export interface InstanceServerOptions {
  readonly port: number;
  /** Milliseconds that every answer takes at least, drawn anew for each. */
  readonly latencyMs: () => number;
  /** `Date` header of an answer; clients take the instance's clock from it. */
  readonly date: () => Date;
  readonly software: string;
  readonly answer: (request: Request, faults: readonly ActiveFault[]) => Answer | Promise<Answer>;
  readonly takeFaults: (request: Request) => readonly ActiveFault[];
  readonly onRequest: (request: LoggedRequest) => void;
  readonly chance: () => number;
}

/** The HTTP side of one instance. It can go down and come back on the same port. */
export interface InstanceServer {
  readonly port: number;
  start(): Promise<void>;
  /** Closes the port and cuts all connections. */
  stop(): Promise<void>;
}

const delayOf = (faults: readonly ActiveFault[], chance: () => number): number =>
  faults.reduce(
    (sum, { rule: { fault } }) => (fault.kind === "latency" ? sum + fault.ms + chance() * (fault.jitterMs ?? 0) : sum),
    0,
  );

const has = (faults: readonly ActiveFault[], kind: ActiveFault["rule"]["fault"]["kind"]): boolean =>
  faults.some(({ rule }) => rule.fault.kind === kind);

export const createInstanceServer = (options: InstanceServerOptions): InstanceServer => {
  let server: Server | undefined;
  let { port } = options;

  const respond = async (message: IncomingMessage, response: ServerResponse): Promise<void> => {
    const request = await readRequest(message);
    const logged: LoggedRequest = {
      method: request.method,
      path: request.path,
      query: request.query.toString(),
      status: 0,
    };
    options.onRequest(logged);
    const faults = options.takeFaults(request);
    const delayMs = options.latencyMs() + delayOf(faults, options.chance);
    if (delayMs > 0) await wait(delayMs, undefined, { ref: false });
    if (has(faults, "hang")) return;
    if (has(faults, "reset")) {
      message.socket.destroy();
      return;
    }
    const kinds = faults.map(({ rule }) => rule.fault);
    const replaced = kinds.map(replacementOf).find((answer) => answer !== undefined);
    const answer = replaced ?? (await options.answer(request, faults));
    logged.status = answer.status;
    response.sendDate = false;
    response.setHeader("date", options.date().toUTCString());
    response.setHeader("server", options.software);
    await sendAnswer(response, answer, kinds);
  };

  const handle = (message: IncomingMessage, response: ServerResponse): void => {
    respond(message, response).catch((error: unknown) => {
      if (response.headersSent || response.destroyed) {
        response.destroy();
        return;
      }
      // A mistake of the simulator itself must not look like a deliberate fault.
      const reason = error instanceof Error ? (error.stack ?? error.message) : String(error);
      void sendAnswer(response, text(500, `simulator: ${reason}`, "text/plain; charset=utf-8"), []);
    });
  };

  return {
    get port() {
      return port;
    },
    start: async () => {
      if (server !== undefined) return;
      server = createServer({ keepAliveTimeout: 60_000 }, handle);
      server.listen(port, "127.0.0.1");
      await once(server, "listening");
      ({ port } = server.address() as AddressInfo);
    },
    stop: async () => {
      const running = server;
      if (running === undefined) return;
      server = undefined;
      const closed = once(running, "close");
      running.close();
      running.closeAllConnections();
      await closed;
    },
  };
};
