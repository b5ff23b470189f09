import { execFile } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { promisify } from "node:util";
import { median, round } from "./measure.ts";
import type { Bench, BenchRow } from "./result.ts";

const CLI = path.resolve(import.meta.dirname, "../../packages/cli/dist/main.js");
const run = promisify(execFile);

interface Case {
  readonly what: string;
  readonly args: readonly string[];
  /** Milliseconds that it may take. */
  readonly limitMs: number;
  /** Whether the limit is for what comes on top of a bare Node. */
  readonly isOverBare: boolean;
}

const CASES: readonly Case[] = [
  { what: "airfleet --version", args: ["--version"], limitMs: 60, isOverBare: true },
  { what: "airfleet --help", args: ["--help"], limitMs: 150, isOverBare: false },
  { what: "airfleet completion bash", args: ["completion", "bash"], limitMs: 150, isOverBare: false },
  { what: "airfleet config schema", args: ["config", "schema"], limitMs: 150, isOverBare: false },
  { what: "airfleet config explain", args: ["config", "explain"], limitMs: 150, isOverBare: false },
];

const timeMs = async (args: readonly string[], cwd: string): Promise<number> => {
  const started = performance.now();
  await run(process.execPath, [...args], { cwd });
  return performance.now() - started;
};

/** How long the commands take that ask no server, beside a Node that does nothing, taken in turns. */
export const cliStart: Bench = {
  name: "cli-start",
  claim: "The command line starts at once",
  async run({ quick }) {
    const rounds = quick ? 9 : 31;
    const cwd = mkdtempSync(path.join(tmpdir(), "airfleet-bench-"));
    const bare: number[] = [];
    const taken = new Map<Case, number[]>(CASES.map((each) => [each, []]));
    try {
      // The first round fills Node's compile cache, as a user's first command does, and does not count.
      for (let turn = 0; turn <= rounds; turn += 1) {
        const bareMs = await timeMs(["-e", "0"], cwd);
        if (turn > 0) bare.push(bareMs);
        for (const [each, samples] of taken) {
          const ms = await timeMs([CLI, ...each.args], cwd);
          if (turn > 0) samples.push(ms);
        }
      }
    } finally {
      rmSync(cwd, { recursive: true, force: true });
    }
    const bareMs = median(bare);
    return [...taken].map(([{ what, limitMs, isOverBare }, samples]): BenchRow => {
      const ours = median(samples);
      const counted = isOverBare ? ours - bareMs : ours;
      return {
        what: `${what}, p50`,
        ours: `${round(ours)} ms`,
        baseline: `node -e 0: ${round(bareMs)} ms`,
        ratio: round(ours / bareMs, 2),
        target: isOverBare ? `≤ ${limitMs} ms over bare node` : `≤ ${limitMs} ms`,
        reached: counted <= limitMs,
      };
    });
  },
};
