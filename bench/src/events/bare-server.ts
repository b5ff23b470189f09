import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

/**
 * The least that a server of events can do: no store, no order, no filters, nothing to resume from; each event is
 * written to every client at once. Speaks as event-server.ts does.
 */
const clients = new Set<ServerResponse>();
const server = createServer((_request, response) => {
  response.writeHead(200, { "content-type": "text/event-stream" });
  response.write("event: live\ndata: {}\n\n");
  clients.add(response);
  response.once("close", () => clients.delete(response));
});
server.listen(0, "127.0.0.1", () => {
  const { port } = server.address() as AddressInfo;
  process.stdout.write(`${JSON.stringify({ url: `http://127.0.0.1:${port}` })}\n`);
});

process.stdin.on("data", (data: Buffer) => {
  const [events = 0, perSecond = 1] = data.toString().trim().split(" ").map(Number);
  let number = 0;
  const timer = setInterval(() => {
    number += 1;
    const payload = { id: "run_x", state: "running", before: "queued", number, sent: Date.now() };
    const frame = Buffer.from(`id: ${number}\ndata: ${JSON.stringify({ kind: "run.changed", payload })}\n\n`);
    for (const client of clients) client.write(frame);
    if (number < events) return;
    clearInterval(timer);
    process.stdout.write("done\n");
  }, 1_000 / perSecond);
});
process.on("SIGTERM", () => process.exit(0));
