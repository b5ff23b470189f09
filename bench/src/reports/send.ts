import { spawn } from "node:child_process";
import { once } from "node:events";
import path from "node:path";
import { createInterface } from "node:readline";
import { z } from "zod";

/** What was posted, and how it was answered. Times in milliseconds. */
const Sent = z.object({
  posts: z.number(),
  reports: z.number(),
  seconds: z.number(),
  perSecond: z.number(),
  p50: z.number(),
  p99: z.number(),
  /** Reports of posts that were answered with 202. */
  taken: z.number(),
  statuses: z.record(z.string(), z.number()),
});
export type Sent = z.output<typeof Sent>;

export interface SendOrder {
  readonly url: string;
  readonly instance: string;
  readonly key: string;
  readonly seconds: number;
  /** Reports a second; 0: as many as the connections allow. */
  readonly perSecond: number;
  /** Reports of one post. */
  readonly each: number;
  readonly connections: number;
  readonly most: number;
}

/** Sends reports from another process. */
export const send = async (order: SendOrder): Promise<Sent> => {
  const args = ["--conditions=@airfleet/source", path.join(import.meta.dirname, "sender.ts"), JSON.stringify(order)];
  const child = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "inherit"] });
  const lines: string[] = [];
  createInterface({ input: child.stdout }).on("line", (line) => lines.push(line));
  const [code] = (await once(child, "close")) as [number | null];
  const last = lines.at(-1);
  if (code !== 0 || last === undefined) throw new Error(`the sender ended with ${code}`);
  return Sent.parse(JSON.parse(last));
};
