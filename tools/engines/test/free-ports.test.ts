import { createServer } from "node:net";
import { expect, it } from "vitest";
import { findFreePorts } from "../src/process/free-ports.ts";

it("finds distinct ports below the range of outgoing connections", async () => {
  const ports = await findFreePorts(20);
  expect(new Set(ports).size).toBe(20);
  expect(ports.every((port) => port >= 20_000 && port < 32_768)).toBe(true);
});

it("passes over a port that is taken", async () => {
  const [taken = 0, free = 0] = await findFreePorts(2);
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(taken, "127.0.0.1", resolve));
  const candidates = [taken, taken, free];
  const found = await findFreePorts(1, () => candidates.shift() ?? free);
  await new Promise((resolve) => server.close(resolve));
  expect(found).toEqual([free]);
});

it("gives up when nothing is free", async () => {
  const [taken = 0] = await findFreePorts(1);
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(taken, "127.0.0.1", resolve));
  await expect(findFreePorts(1, () => taken)).rejects.toThrow("No 1 free TCP ports");
  await new Promise((resolve) => server.close(resolve));
});
