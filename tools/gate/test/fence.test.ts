import { execFileSync, spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, describe, expect, onTestFinished, test } from "vitest";
import { importsOf, readSources, undeclaredImports } from "../src/imports.ts";
import { LAYERS, type PackageName, PURE_PACKAGES } from "../src/layers.ts";

const root = path.resolve(import.meta.dirname, "../../..");
const bin = (name: string): string => path.join(root, "node_modules/.bin", name);
const packages = Object.keys(LAYERS) as PackageName[];
const readJson = (file: string): Record<string, unknown> =>
  JSON.parse(readFileSync(path.join(root, file), "utf8")) as Record<string, unknown>;
const ours = (names: readonly string[]): string[] =>
  names
    .filter((name) => name.startsWith("@airfleet/"))
    .map((name) => name.slice(10))
    .sort();
const declared = (name: PackageName): string[] =>
  Object.keys(readJson(`packages/${name}/package.json`)["dependencies"] ?? {});

describe("the one-way fence between packages", () => {
  test.each(packages)("package.json, references and lint of %s say what the layer table says", (name) => {
    const allowed = [...LAYERS[name]].sort();
    const references = (readJson(`packages/${name}/tsconfig.json`)["references"] ?? []) as { path: string }[];
    expect(ours(declared(name))).toEqual(allowed);
    expect(references.map((reference) => path.basename(reference.path)).sort()).toEqual(allowed);
    expect(lintAllows(name)).toEqual(allowed);
  });

  test.each(packages)("%s imports only what its package.json declares", (name) => {
    const findings = undeclaredImports(
      readSources(path.join(root, "packages", name, "src")),
      new Set(declared(name)),
      `@airfleet/${name}`,
    );
    expect(findings).toEqual([]);
  });

  test("an import that package.json does not declare is found", () => {
    const sources = new Map([["a.ts", 'import { openStore } from "@airfleet/store";\nexport * from "undici/types";']]);
    expect(undeclaredImports(sources, new Set(["zod"]), "@airfleet/model")).toEqual([
      "a.ts: @airfleet/store",
      "a.ts: undici/types",
    ]);
  });

  test.each(PURE_PACKAGES)("%s imports nothing of Node", (name) => {
    const offending = [...readSources(path.join(root, "packages", name, "src"))].filter(([, text]) =>
      importsOf(text).some((specifier) => specifier.startsWith("node:")),
    );
    expect(offending.map(([file]) => file)).toEqual([]);
  });

  const scratch = mkdtempSync(path.join(mkdirp(path.join(root, ".cache/fence")), "case-"));
  afterAll(() => rmSync(scratch, { recursive: true, force: true }));

  // Two compilations in a process of their own.
  test("tsc -b refuses an import against the arrows", { timeout: 60_000 }, () => {
    writeFileSync(path.join(scratch, "tsconfig.json"), compilerConfig());
    writeFileSync(
      path.join(scratch, "wrong.ts"),
      'import type { Control } from "@airfleet/control";\nexport type Wrong = Control;\n',
    );
    const result = spawnSync(bin("tsc"), ["-b", scratch], { encoding: "utf8" });
    expect(result.status).not.toBe(0);
    expect(result.stdout).toMatch(/TS6059|TS6307/);
  });

  test("the linter refuses an import against the arrows", { timeout: 60_000 }, () => {
    const tree = mkdtempSync(path.join(tmpdir(), "airfleet-fence-"));
    onTestFinished(() => rmSync(tree, { recursive: true, force: true }));
    mkdirSync(path.join(tree, "packages/model/src"), { recursive: true });
    writeFileSync(path.join(tree, ".oxlintrc.json"), readFileSync(path.join(root, ".oxlintrc.json")));
    writeFileSync(
      path.join(tree, "packages/model/src/wrong.ts"),
      'import { openStore } from "@airfleet/store";\nopenStore();\n',
    );
    const result = spawnSync(bin("oxlint"), ["packages"], { cwd: tree, encoding: "utf8" });
    expect(result.status).not.toBe(0);
    expect(result.stdout).toContain("no-restricted-imports");
  });

  test("git tracks no build output", () => {
    const tracked = execFileSync("git", ["ls-files", "packages"], { cwd: root, encoding: "utf8" });
    expect(tracked).not.toMatch(/\/dist\//);
  });
});

function mkdirp(folder: string): string {
  mkdirSync(folder, { recursive: true });
  return folder;
}

function compilerConfig(): string {
  return JSON.stringify({
    extends: path.join(root, "tsconfig.base.json"),
    compilerOptions: { rootDir: ".", outDir: "dist", tsBuildInfoFile: "dist/.tsbuildinfo" },
    files: ["wrong.ts"],
    references: [{ path: path.join(root, "packages/model") }],
  });
}

function lintAllows(name: PackageName): string[] {
  const overrides = readJson(".oxlintrc.json")["overrides"] as { files: string[]; rules: Record<string, unknown> }[];
  const override = overrides.find((candidate) => candidate.files.includes(`packages/${name}/src/**`));
  const rule = override?.rules["no-restricted-imports"] as [string, { patterns: { group: string[] }[] }] | undefined;
  const refused =
    rule?.[1].patterns.flatMap((pattern) => pattern.group).map((group) => group.replace("@airfleet/", "")) ?? [];
  return packages.filter((other) => other !== name && !refused.includes(other)).sort();
}
