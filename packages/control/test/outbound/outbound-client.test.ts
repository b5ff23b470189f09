import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { describe, expect, it, onTestFinished } from "vitest";
import { createOutboundClient, type OutboundOptions } from "../../src/outbound/outbound-client.ts";

const listen = async (answer: RequestListener): Promise<number> => {
  const server = createServer(answer);
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return (server.address() as AddressInfo).port;
};

const client = (options: Partial<OutboundOptions> = {}) => {
  const made = createOutboundClient({ allow: ["127.0.0.0/8"], timeoutMs: 500, ...options });
  onTestFinished(() => made.close());
  return (url: string) => made.post({ url, headers: { "x-mine": "1" }, body: "{}" });
};

describe("outbound client", () => {
  it("posts the body with its headers and gives back status, Retry-After and the start of the answer", async () => {
    const heard: unknown[] = [];
    const port = await listen((request, response) => {
      heard.push([request.method, request.headers["x-mine"], request.headers["content-type"]]);
      response.writeHead(503, { "retry-after": "7" }).end("busy");
    });
    expect(await client()(`http://127.0.0.1:${port}/a`)).toEqual({ status: 503, retryAfter: "7", body: "busy" });
    expect(heard).toEqual([["POST", "1", "application/json"]]);
  });

  it("follows no redirect", async () => {
    let calls = 0;
    const port = await listen((_request, response) => {
      calls += 1;
      response.writeHead(302, { location: "http://169.254.169.254/latest" }).end();
    });
    expect(await client()(`http://127.0.0.1:${port}/`)).toMatchObject({ status: 302 });
    expect(calls).toBe(1);
  });

  it("gives up on a receiver that never answers, and on one that never ends its headers", async () => {
    const silent = await listen(() => undefined);
    await expect(client()(`http://127.0.0.1:${silent}/`)).rejects.toThrow("no whole answer within 0.5 s");
    const dripping = await listen((_request, response) => {
      response.writeHead(200);
      const drip = setInterval(() => response.write("x"), 20);
      response.on("close", () => clearInterval(drip));
    });
    const startedAt = Date.now();
    await expect(client()(`http://127.0.0.1:${dripping}/`)).rejects.toThrow("no whole answer within 0.5 s");
    expect(Date.now() - startedAt).toBeLessThan(2_000);
  });

  it("reads only the start of an endless answer", async () => {
    let sent = 0;
    const port = await listen((_request, response) => {
      const more = (): void => {
        while (response.writable && response.write(Buffer.alloc(65_536, 0x61))) sent += 65_536;
      };
      response.on("drain", more);
      more();
    });
    const answer = await client({ timeoutMs: 10_000 })(`http://127.0.0.1:${port}/`);
    expect(answer.body).toBe("a".repeat(4_096));
    expect(sent).toBeLessThan(50_000_000);
  });

  it("refuses headers of endless length", async () => {
    const port = await listen((_request, response) => {
      response.writeHead(200, { "x-long": "a".repeat(100_000) }).end();
    });
    await expect(client()(`http://127.0.0.1:${port}/`)).rejects.toThrow(/headers/i);
  });

  it("refuses before it connects what must not be called", async () => {
    let calls = 0;
    const port = await listen((_request, response) => {
      calls += 1;
      response.end();
    });
    const refused = { code: "ADDRESS_REFUSED" };
    await expect(client({ allow: [] })(`http://127.0.0.1:${port}/`)).rejects.toMatchObject(refused);
    await expect(client({ allow: ["10.0.0.0/8"] })(`http://localhost:${port}/`)).rejects.toMatchObject(refused);
    await expect(client()("no url")).rejects.toMatchObject(refused);
    expect(calls).toBe(0);
  });

  it("judges the address it connects to, not one it looked up before: a rebinding name gains nothing", async () => {
    let calls = 0;
    const port = await listen((_request, response) => {
      calls += 1;
      response.end();
    });
    const answers = ["93.184.216.34", "127.0.0.1", "127.0.0.1"];
    const asked: string[] = [];
    const made = createOutboundClient({
      allow: ["rebind.example.nowhere", "192.168.0.0/16"],
      timeoutMs: 500,
      resolve: (host, done) => {
        asked.push(host);
        done(null, [{ address: answers.shift() ?? "127.0.0.1", family: 4 }]);
      },
    });
    onTestFinished(() => made.close());
    await made.check(`https://rebind.example:${port}/`);
    const post = made.post({ url: `https://rebind.example:${port}/`, headers: {}, body: "{}" });
    await expect(post).rejects.toMatchObject({
      code: "ADDRESS_REFUSED",
      message: expect.stringContaining("127.0.0.1"),
    });
    expect(asked).toEqual(["rebind.example", "rebind.example"]);
    expect(calls).toBe(0);
  });
});
