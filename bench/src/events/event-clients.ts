import { Agent, request } from "node:http";

/**
 * Many clients of one stream of events. Usage: event-clients.ts URL CLIENTS EVENTS
 * Prints `open` when all have begun, and at the end, or after a quiet time, what they saw.
 */
const [url = "", clientsText = "", eventsText = ""] = process.argv.slice(2);
const clients = Number(clientsText);
const events = Number(eventsText);
/** Nothing new for so long: what is missing is lost. */
const QUIET_MS = 15_000;

const latencies: number[] = [];
const wrong: string[] = [];
let live = 0;
let finished = 0;
let lastAt = Date.now();
const agent = new Agent({ maxSockets: Number.POSITIVE_INFINITY });

const report = (): never => {
  process.stdout.write(
    `${JSON.stringify({ seen: latencies.length, wrong: wrong.slice(0, 5), latencies: sample() })}\n`,
  );
  process.exit(0);
};

/** The latencies as thousand quantiles: enough for p99, and short. */
const sample = (): readonly number[] => {
  const sorted = latencies.toSorted((a, b) => a - b);
  return Array.from(
    { length: 1_001 },
    (_, index) => sorted[Math.min(sorted.length - 1, Math.round((index * (sorted.length - 1)) / 1_000))] ?? 0,
  );
};

const FRAME = /"number":(\d+),"sent":(\d+)/g;

const open = (): void => {
  let expected = 1;
  let rest = "";
  const take = (chunk: string): void => {
    const now = Date.now();
    lastAt = now;
    const text = rest + chunk;
    const end = text.lastIndexOf("\n\n") + 2;
    rest = text.slice(end);
    const whole = text.slice(0, end);
    if (whole.includes("event: live")) {
      live += 1;
      if (live === clients) process.stdout.write("open\n");
    }
    for (const [, number, sent] of whole.matchAll(FRAME)) {
      if (Number(number) !== expected) wrong.push(`${number} instead of ${expected}`);
      expected = Number(number) + 1;
      latencies.push(now - Number(sent));
      if (expected <= events) continue;
      finished += 1;
      if (finished === clients) report();
    }
  };
  request(`${url}/api/v1/events`, { agent }, (response) => {
    response.setEncoding("utf8");
    response.on("data", take);
    response.on("end", () => wrong.push("the stream ended"));
  }).end();
};

for (let client = 0; client < clients; client += 1) {
  open();
  if (client % 50 === 49) await new Promise((resolve) => setTimeout(resolve, 20));
}
setInterval(() => {
  if (live === clients && Date.now() - lastAt > QUIET_MS) report();
}, 1_000);
