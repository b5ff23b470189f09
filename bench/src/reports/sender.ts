import { createPrivateKey } from "node:crypto";
import { setTimeout as pause } from "node:timers/promises";
import { z } from "zod";
import { percentile } from "../measure.ts";
import { openConnection } from "./connection.ts";
import { createSignedPosts } from "./signed-posts.ts";

/**
 * Posts signed reports from a process of its own. `perSecond: 0` posts as fast as the connections allow; else each post
 * has its time, and how long it took is counted from that time on, whether or not a connection was free.
 */
const Order = z.object({
  url: z.string(),
  instance: z.string(),
  /** PEM: PKCS #8. */
  key: z.string(),
  seconds: z.number(),
  perSecond: z.number(),
  each: z.number(),
  connections: z.number(),
  /** Posts that are made beforehand, at most that many are sent. */
  most: z.number(),
});

const order = Order.parse(JSON.parse(process.argv[2] ?? "{}"));
const url = new URL(order.url);
const posts = createSignedPosts(
  { instance: order.instance, url, key: createPrivateKey(order.key) },
  { count: order.most, each: order.each },
);
const connections = await Promise.all(Array.from({ length: order.connections }, () => openConnection(url)));
process.stdout.write("ready\n");

const took: number[] = [];
const statuses = new Map<number, number>();
const began = performance.now();
const end = began + order.seconds * 1_000;
let next = 0;

/** When the next post is due; undefined when there is none any more. */
const claim = (): { readonly post: Buffer; readonly due: number } | undefined => {
  const index = next;
  const now = performance.now();
  const due = order.perSecond === 0 ? now : began + (index * order.each * 1_000) / order.perSecond;
  const post = posts[index];
  if (post === undefined || due >= end) return undefined;
  next += 1;
  return { post, due };
};

await Promise.all(
  connections.map(async (connection) => {
    for (let one = claim(); one !== undefined; one = claim()) {
      const wait = one.due - performance.now();
      if (wait > 0) await pause(wait);
      const status = await connection.post(one.post);
      took.push(performance.now() - one.due);
      statuses.set(status, (statuses.get(status) ?? 0) + 1);
    }
    connection.close();
  }),
);
const seconds = (performance.now() - began) / 1_000;
const posted = took.length;
process.stdout.write(
  `${JSON.stringify({
    posts: posted,
    reports: posted * order.each,
    seconds,
    perSecond: (posted * order.each) / seconds,
    p50: percentile(took, 0.5),
    p99: percentile(took, 0.99),
    taken: (statuses.get(202) ?? 0) * order.each,
    statuses: Object.fromEntries(statuses),
  })}\n`,
);
process.exit(0);
