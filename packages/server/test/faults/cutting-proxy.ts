import { once } from "node:events";
import { connect, createServer, type Socket } from "node:net";

/** A TCP proxy before an engine that cuts connections at the worst moment. */
export interface CuttingProxy extends AsyncDisposable {
  readonly url: string;
  /**
   * From now on: as soon as the engine begins to answer a request whose first line matches, so that it was carried out,
   * both ends are cut and nothing of the answer gets through. Every `every`-th such request, the first included.
   */
  cutAnswers(firstLine: RegExp, options?: { readonly every?: number }): void;
  letAnswersThrough(): void;
  /** Answers that were cut. */
  readonly cuts: number;
}

const targetOf = (url: string): { readonly host: string; readonly port: number } => {
  const { hostname, port } = new URL(url);
  return { host: hostname, port: Number(port) };
};

export const startCuttingProxy = async (targetUrl: string): Promise<CuttingProxy> => {
  const target = targetOf(targetUrl);
  const sockets = new Set<Socket>();
  let rule: { readonly firstLine: RegExp; readonly every: number } | undefined;
  let matched = 0;
  let cuts = 0;

  const keep = (socket: Socket): void => {
    sockets.add(socket);
    socket.on("error", () => undefined);
    socket.once("close", () => sockets.delete(socket));
  };

  const server = createServer((client) => {
    const engine = connect(target.port, target.host);
    keep(client);
    keep(engine);
    let isDoomed = false;
    client.on("data", (chunk: Buffer) => {
      // A client that keeps connections open sends the head of a request in one piece.
      const firstLine = chunk.subarray(0, 2_000).toString("latin1").split("\r\n", 1)[0] ?? "";
      if (rule?.firstLine.test(firstLine) === true) {
        isDoomed = matched % rule.every === 0;
        matched += 1;
      }
      engine.write(chunk);
    });
    engine.on("data", (chunk: Buffer) => {
      if (!isDoomed) {
        client.write(chunk);
        return;
      }
      cuts += 1;
      isDoomed = false;
      client.resetAndDestroy();
      engine.destroy();
    });
    client.once("close", () => engine.destroy());
    engine.once("close", () => client.destroy());
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;

  return {
    url: `http://127.0.0.1:${port}`,
    cutAnswers(firstLine, { every = 1 } = {}) {
      rule = { firstLine, every };
      matched = 0;
    },
    letAnswersThrough() {
      rule = undefined;
    },
    get cuts() {
      return cuts;
    },
    [Symbol.asyncDispose]: async () => {
      const closed = once(server, "close");
      server.close();
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
};
