import { spawn } from "node:child_process";
import { z } from "zod";
import { rssMb } from "../measure.ts";
import { processTree } from "../process-tree.ts";

const Said = z.object({ ms: z.number(), rows: z.number(), handedOver: z.number() });

export interface Measured extends z.output<typeof Said> {
  /** The largest sum of resident memory of the process and all that it started. */
  readonly peakMb: number;
}

/** Often enough to see a peak that lasts, seldom enough not to be one. */
const SAMPLE_MS = 50;

const sumOf = (pid: number): number =>
  processTree(pid).reduce((sum, each) => {
    try {
      const mb = rssMb(each);
      // One that has just ended has no memory, and no number for it.
      return Number.isNaN(mb) ? sum : sum + mb;
    } catch {
      return sum;
    }
  }, 0);

/** Runs a process to its end. It prints what it measured; its memory is watched from here. */
export const measureProcess = async (command: string, args: readonly string[]): Promise<Measured> => {
  const child = spawn(command, [...args], { stdio: ["ignore", "pipe", "inherit"] });
  let said = "";
  let peakMb = 0;
  child.stdout.on("data", (chunk: Buffer) => {
    said += chunk.toString();
  });
  const timer = setInterval(() => {
    peakMb = Math.max(peakMb, sumOf(child.pid ?? 0));
  }, SAMPLE_MS);
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", resolve);
  });
  clearInterval(timer);
  if (code !== 0) throw new Error(`${args.join(" ")} ended with ${code}`);
  return { ...Said.parse(JSON.parse(said.trim().split("\n").at(-1) ?? "")), peakMb };
};
