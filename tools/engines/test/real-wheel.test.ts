import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { expect, it, onTestFinished } from "vitest";
import { cacheLayout } from "../src/cache/layout.ts";
import { ensureInstalled } from "../src/install/install.ts";
import { ensureWheel } from "../src/install/wheel.ts";
import { runCommand } from "../src/process/run-command.ts";
import { silentProgress } from "../src/progress.ts";
import { temporaryLayout } from "./temporary-layout.ts";

const PROJECT = `
[build-system]
requires = ["hatchling"]
build-backend = "hatchling.build"
[project]
name = "airfleet"
version = "0.0.1"
readme = "README.md"
[project.entry-points."airflow.plugins"]
probe = "probe:Probe"
[tool.hatch.build.targets.wheel]
packages = ["src/probe"]
`;

const aPackage = async (): Promise<string> => {
  const source = await mkdtemp(path.join(tmpdir(), "airfleet-wheel-"));
  onTestFinished(() => rm(source, { recursive: true, force: true }));
  await mkdir(path.join(source, "src/probe/__pycache__"), { recursive: true });
  await writeFile(path.join(source, "pyproject.toml"), PROJECT);
  await writeFile(path.join(source, "README.md"), "A probe.\n");
  await writeFile(path.join(source, "src/probe/__init__.py"), "class Probe:\n    name = 'first'\n");
  return source;
};

const FIND = `
from importlib.metadata import entry_points
print([point.load().name for point in entry_points(group="airflow.plugins")])`;

it("builds the package once for each state of its sources, and its entry points are found on the Python path", async () => {
  await using temporary = await temporaryLayout();
  const layout = { ...temporary, environments: cacheLayout().environments };
  const source = await aPackage();
  const python = (await ensureInstalled(layout, "python", silentProgress)).executable("python");
  const find = (site: string): Promise<string> =>
    runCommand({ command: python, args: ["-c", FIND], environment: { PYTHONPATH: site } });

  const [first, same] = await Promise.all([ensureWheel({ layout, source }), ensureWheel({ layout, source })]);
  expect(same).toEqual(first);
  expect(await find(first.site)).toContain("['first']");
  expect(await readFile(first.file)).not.toHaveLength(0);

  await writeFile(path.join(source, "src/probe/__pycache__/__init__.pyc"), "what Python leaves");
  expect(await ensureWheel({ layout, source })).toEqual(first);

  await writeFile(path.join(source, "src/probe/__init__.py"), "class Probe:\n    name = 'second'\n");
  const second = await ensureWheel({ layout, source });
  expect([second.site === first.site, await find(second.site)]).toEqual([false, expect.stringContaining("['second']")]);

  await writeFile(path.join(source, "pyproject.toml"), "[project]\n");
  await expect(ensureWheel({ layout, source })).rejects.toMatchObject({ code: "INSTALL_FAILED" });
});
