import { once } from "node:events";
import { connect, createServer, type Server, type Socket } from "node:net";
import { setTimeout as pause } from "node:timers/promises";
import { findFreePorts } from "../../../../tools/engines/src/index.ts";

/**
 * What the line does with those who call.
 *
 * `through`: nothing. `down`: nobody listens. `reset`: every second connection is cut as soon as an answer comes back,
 * when the receiver has taken what was sent. `black-hole`: calls are taken and never answered. `error`: 503 to everything.
 */
export type LineMood = "through" | "down" | "reset" | "black-hole" | "error" | { readonly delayMs: number };

/** A TCP line to a receiver whose faults a test chooses. The address stays the same whatever becomes of the receiver. */
export interface FaultyLine extends AsyncDisposable {
  readonly url: string;
  /** Where calls go to from now on. */
  connectTo(url: string): void;
  /** From now on, and for connections that are open. */
  set(mood: LineMood): Promise<void>;
  /** Connections that came while the mood was this one. */
  readonly calls: (mood: "through" | "reset" | "black-hole" | "error" | "delay") => number;
  /** Answers that were cut off. */
  readonly cuts: () => number;
}

const UNAVAILABLE = "HTTP/1.1 503 Service Unavailable\r\ncontent-length: 0\r\nconnection: close\r\n\r\n";

const nameOf = (mood: LineMood) => (typeof mood === "string" ? mood : "delay");

export const startFaultyLine = async (): Promise<FaultyLine> => {
  const [port = 0] = await findFreePorts(1);
  const sockets = new Set<Socket>();
  const counts = new Map<string, number>();
  let target: { readonly host: string; readonly port: number } | undefined;
  let mood: LineMood = "through";
  let server: Server | undefined;
  let answered = 0;
  let cuts = 0;

  const keep = (socket: Socket): void => {
    sockets.add(socket);
    socket.on("error", () => undefined);
    socket.once("close", () => sockets.delete(socket));
  };

  const join = (client: Socket): void => {
    if (target === undefined) {
      client.destroy();
      return;
    }
    const receiver = connect(target.port, target.host);
    keep(receiver);
    client.on("data", (chunk: Buffer) => void carry(chunk));
    const carry = async (chunk: Buffer): Promise<void> => {
      if (typeof mood === "object") await pause(mood.delayMs);
      receiver.write(chunk);
    };
    receiver.on("data", (chunk: Buffer) => {
      if (mood !== "reset" || answered++ % 2 === 1) {
        client.write(chunk);
        return;
      }
      cuts += 1;
      client.resetAndDestroy();
    });
    client.once("close", () => receiver.destroy());
    receiver.once("close", () => client.end());
  };

  const take = (client: Socket): void => {
    keep(client);
    const name = nameOf(mood);
    counts.set(name, (counts.get(name) ?? 0) + 1);
    if (mood === "black-hole") client.resume();
    else if (mood === "error") client.once("data", () => client.end(UNAVAILABLE));
    else join(client);
  };

  const listen = async (): Promise<void> => {
    server = createServer(take).listen(port, "127.0.0.1");
    await once(server, "listening");
  };
  const hangUp = async (): Promise<void> => {
    const closing = server;
    server = undefined;
    for (const socket of sockets) socket.destroy();
    if (closing === undefined) return;
    const closed = once(closing, "close");
    closing.close();
    for (const socket of sockets) socket.destroy();
    await closed;
  };
  await listen();

  return {
    url: `http://127.0.0.1:${port}`,
    connectTo: (url) => {
      const { hostname, port: number } = new URL(url);
      target = { host: hostname, port: Number(number) };
    },
    set: async (next) => {
      mood = next;
      if (next === "down") return hangUp();
      // What was open was opened in another mood.
      for (const socket of sockets) socket.destroy();
      if (server === undefined) await listen();
      return undefined;
    },
    cuts: () => cuts,
    calls: (name) => counts.get(name) ?? 0,
    [Symbol.asyncDispose]: hangUp,
  };
};
