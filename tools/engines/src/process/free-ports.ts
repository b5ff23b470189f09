import { randomInt } from "node:crypto";
import { createServer, type Server } from "node:net";

/**
 * Ports are chosen below 32768, where Linux's range for outgoing connections begins
 * (`net.ipv4.ip_local_port_range`): one found free there cannot be taken by a mere client before its server starts.
 */
const LOWEST = 20_000;
const HIGHEST = 32_700;
const ATTEMPTS_PER_PORT = 200;

const listen = (port: number): Promise<Server | undefined> =>
  new Promise((resolve) => {
    const server = createServer();
    server.once("error", () => resolve(undefined));
    // Without a host: also refused when somebody listens on another address only.
    server.listen({ port, exclusive: true }, () => resolve(server));
  });

const close = (server: Server): Promise<void> => new Promise((resolve) => server.close(() => resolve()));

/**
 * Finds distinct free TCP ports. All are held until the last one is found.
 * @param choose picks the candidates; tests pass their own.
 */
export const findFreePorts = async (
  count: number,
  choose: () => number = () => randomInt(LOWEST, HIGHEST),
): Promise<readonly number[]> => {
  const held = new Map<number, Server>();
  try {
    for (let attempt = 0; held.size < count && attempt < count * ATTEMPTS_PER_PORT; attempt += 1) {
      const port = choose();
      const server = held.has(port) ? undefined : await listen(port);
      if (server !== undefined) held.set(port, server);
    }
    if (held.size < count) throw new Error(`No ${count} free TCP ports were found between ${LOWEST} and ${HIGHEST}.`);
    return [...held.keys()];
  } finally {
    await Promise.all([...held.values()].map(close));
  }
};
