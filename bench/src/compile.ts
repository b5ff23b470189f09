import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { compilePass, type Pass } from "./compile/compile-pass.ts";
import { elyraCpuMs } from "./compile/elyra.ts";
import { samplePipeline } from "./compile/sample-pipeline.ts";
import { median, round } from "./measure.ts";
import type { Bench } from "./result.ts";

const sample = (count: number) => Array.from({ length: count }, (_, index) => samplePipeline(index));

interface Measured {
  readonly changed: Pass;
  readonly unchanged: Pass;
}

/** All of them new, and then again without a change. */
const measure = (count: number): Measured => {
  const folder = mkdtempSync(path.join(tmpdir(), "airfleet-compile-"));
  try {
    const known = new Map<string, string>();
    const pipelines = sample(count);
    return { changed: compilePass(pipelines, folder, known), unchanged: compilePass(pipelines, folder, known) };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
};

const middle = (passes: readonly Pass[], what: "wallMs" | "cpuMs"): number => median(passes.map((pass) => pass[what]));

/** Checking and compiling pipelines, beside a generator that formats templates. CPU time, since other work shares the machine. */
export const compile: Bench = {
  name: "compile",
  claim: "A thousand pipelines are checked and compiled in a moment",
  async run({ quick }) {
    const rounds = quick ? 3 : 7;
    const thousand: Measured[] = [];
    const elyra: number[] = [];
    for (let turn = 0; turn < rounds; turn += 1) {
      thousand.push(measure(1_000));
      elyra.push(await elyraCpuMs(quick ? 5 : 20));
    }
    const many = measure(5_000);
    const changed = thousand.map((one) => one.changed);
    const unchanged = thousand.map((one) => one.unchanged);
    const changedMs = middle(changed, "cpuMs");
    const unchangedMs = middle(unchanged, "cpuMs");
    const growth = many.changed.cpuMs / changedMs;
    const perPipeline = changedMs / 1_000;
    const writes = unchanged.reduce((sum, pass) => sum + pass.writes, 0);
    return [
      {
        what: "1,000 × 10 nodes, all changed: check, compile, write",
        ours: `${round(changedMs)} ms CPU (${round(middle(changed, "wallMs"))} ms wall)`,
        baseline: "none",
        ratio: round(changedMs / 1_750, 2),
        target: "< 1.75 s",
        reached: changedMs < 1_750,
      },
      {
        what: "1,000 × 10 nodes, none changed",
        ours: `${round(unchangedMs)} ms CPU (${round(middle(unchanged, "wallMs"))} ms wall), ${writes} writes`,
        baseline: "none",
        ratio: round(unchangedMs / 500, 2),
        target: "< 0.5 s, 0 writes",
        reached: unchangedMs < 500 && writes === 0,
      },
      {
        what: "one pipeline, ten nodes beside Elyra's four",
        ours: `${round(perPipeline, 2)} ms CPU`,
        baseline: `Elyra: ${round(median(elyra))} ms CPU`,
        ratio: round(median(elyra) / perPipeline, 1),
        target: "≥ 75× less",
        reached: median(elyra) / perPipeline >= 75,
      },
      {
        what: "5,000 pipelines beside 1,000",
        ours: `${round(many.changed.cpuMs)} ms CPU`,
        baseline: `${round(changedMs)} ms CPU`,
        ratio: round(growth, 2),
        target: "≤ 6× (linear)",
        reached: growth <= 6,
      },
    ];
  },
};
