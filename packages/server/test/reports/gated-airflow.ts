import { once } from "node:events";
import { createServer, type IncomingMessage, request, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

/**
 * A way to an Airflow on which readings of runs and tasks can be refused. While they are, whatever is known of a run was
 * reported; once they are not, the rest is read.
 */
export interface GatedAirflow extends AsyncDisposable {
  readonly url: string;
  open(): void;
  /** @param closed What it keeps away from now on; as before when absent. */
  close(closed?: ClosedGate): void;
  /** Readings that were kept away. */
  readonly refused: () => number;
}

const READS_RUNS = /\/(?:dagRuns|taskInstances)/;

/** What happens at a closed gate. */
export interface ClosedGate {
  /** Whatever has this in its address is kept away from Airflow. */
  readonly keepsAway: RegExp;
  /** What is answered instead. */
  readonly answer: (response: ServerResponse) => void;
}

const REFUSES: ClosedGate = { keepsAway: READS_RUNS, answer: (response) => response.writeHead(503).end() };

/** The gate is closed at first. */
export const startGatedAirflow = async (target: string, closedAtFirst: ClosedGate = REFUSES): Promise<GatedAirflow> => {
  let isOpen = false;
  let { keepsAway, answer: answerInstead } = closedAtFirst;
  let refused = 0;
  const forward = (incoming: IncomingMessage, response: ServerResponse): void => {
    const { method, headers, url } = incoming;
    const outgoing = request(new URL(url ?? "/", target), { method, headers }, (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(response);
    });
    outgoing.on("error", () => response.destroy());
    incoming.pipe(outgoing);
  };
  const server = createServer((incoming, response) => {
    if (isOpen || !keepsAway.test(incoming.url ?? "")) {
      forward(incoming, response);
      return;
    }
    refused += 1;
    incoming.resume();
    answerInstead(response);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    open: () => {
      isOpen = true;
    },
    close: (closed) => {
      isOpen = false;
      if (closed !== undefined) ({ keepsAway, answer: answerInstead } = closed);
    },
    refused: () => refused,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
};
