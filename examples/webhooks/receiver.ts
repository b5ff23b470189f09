/**
 * A receiver of Airfleet's webhooks: checks the signature, drops what it has had before and what comes late, and acts.
 *
 *   npm install standardwebhooks
 *   WEBHOOK_KEY=whsec_… PORT=8080 node receiver.ts
 */
import { createServer } from "node:http";
import process from "node:process";
import { Webhook } from "standardwebhooks";

interface Message {
  readonly type: string;
  readonly timestamp: string;
  readonly data: { readonly id?: string; readonly sequence?: number; readonly state_word?: string };
}

const verifier = new Webhook(process.env["WEBHOOK_KEY"] ?? "");
/** In a real receiver both are columns of the database that the message changes, in the same transaction. */
const seen = new Set<string>();
const newest = new Map<string, number>();

const act = (id: string, { type, data }: Message): string => {
  // At least once: a message whose answer was lost comes again, under the same id.
  if (seen.has(id)) return "repeated";
  seen.add(id);
  // In no promised order: of one run, a message with a lower sequence than the last one is old news.
  const run = data.id ?? "";
  const sequence = data.sequence ?? 0;
  if (sequence !== 0 && sequence < (newest.get(run) ?? 0)) return "late";
  newest.set(run, sequence);
  return `${type} ${run} ${data.state_word ?? ""}`.trim();
};

const server = createServer((request, response) => {
  const parts: Buffer[] = [];
  request.on("data", (part: Buffer) => parts.push(part));
  request.on("end", () => {
    // The bytes as they came: text that was parsed and printed again has another signature.
    const body = Buffer.concat(parts).toString("utf8");
    try {
      const message = verifier.verify(body, request.headers as Record<string, string>) as Message;
      process.stdout.write(`${act(String(request.headers["webhook-id"]), message)}\n`);
      response.writeHead(204).end();
    } catch {
      response.writeHead(400).end("bad signature\n");
    }
  });
});

server.listen(Number(process.env["PORT"] ?? 8_080), "127.0.0.1", () => {
  const address = server.address();
  process.stdout.write(`listening on ${typeof address === "object" ? address?.port : address}\n`);
});
