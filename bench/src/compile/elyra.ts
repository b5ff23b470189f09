import { execFile } from "node:child_process";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);
const SCRIPT = path.resolve(import.meta.dirname, "elyra_baseline.py");
const VENV = path.resolve(import.meta.dirname, "../../../.cache/elyra/venv");
const PYTHON = path.join(VENV, "bin/python");

/** Elyra as it comes from PyPI, in an environment of its own; installed once. */
const install = async (): Promise<void> => {
  if (existsSync(path.join(VENV, "bin/elyra-pipeline"))) return;
  await run("python3", ["-m", "venv", VENV]);
  await run(path.join(VENV, "bin/pip"), ["install", "--quiet", "elyra==4.1.1", "setuptools<81"]);
};

/** CPU milliseconds that Elyra's generator takes for one pipeline of four nodes. */
export const elyraCpuMs = async (pipelines: number): Promise<number> => {
  await install();
  const folder = mkdtempSync(path.join(tmpdir(), "airfleet-elyra-"));
  try {
    const { stdout } = await run(PYTHON, [SCRIPT, String(pipelines), folder]);
    const answer = JSON.parse(stdout.trim().split("\n").at(-1) ?? "") as { readonly cpu_ms_per_pipeline: number };
    return answer.cpu_ms_per_pipeline;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
};
