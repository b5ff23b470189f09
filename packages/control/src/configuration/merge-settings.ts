import path from "node:path";
import type { ErrorFinding } from "@airfleet/model";
import type { AirfleetFileOutcome } from "./airfleet-file.ts";
import { valueAt } from "./check-document.ts";
import { toIssueTexts } from "./issue-text.ts";
import type { Override } from "./overrides.ts";
import { Settings } from "./settings.ts";

export interface MergedSettings {
  readonly settings: Settings;
  readonly origins: Readonly<Record<string, string>>;
  readonly findings: readonly ErrorFinding[];
}

interface Layers {
  readonly cwd: string;
  readonly file: AirfleetFileOutcome;
  readonly overrides: readonly Override[];
}

type Tree = Record<string, unknown>;

const put = (tree: Tree, [head = "", ...rest]: readonly string[], value: unknown): Tree => {
  const inner = tree[head];
  const branch = typeof inner === "object" && inner !== null && !Array.isArray(inner) ? (inner as Tree) : {};
  return { ...tree, [head]: rest.length === 0 ? value : put(branch, rest, value) };
};

/** Settings that may be a reference to a secret. */
const REFERENCES: ReadonlySet<string> = new Set(["store.url", "alerts.smtp.password"]);

/** Every dotted key that has a value; lists and secret references are values. */
const leaves = (tree: object, prefix = ""): readonly string[] =>
  Object.entries(tree).flatMap(([key, value]: [string, unknown]) => {
    const name = `${prefix}${key}`;
    if (value === undefined) return [];
    const isValue = Array.isArray(value) || REFERENCES.has(name);
    const isBranch = typeof value === "object" && value !== null && !isValue;
    return isBranch ? leaves(value, `${name}.`) : [name];
  });

/** Lays the overrides over the file's settings and says where each value came from. */
export const mergeSettings = ({ cwd, file, overrides }: Layers): MergedSettings => {
  let tree: Tree = { ...file.settings };
  const sources = new Map<string, string>();
  for (const { key, value, source } of overrides) {
    tree = put(tree, key.split("."), value);
    sources.set(key, source);
  }
  if (sources.get("store.data_dir") === "--data-dir" && sources.get("store.url") !== "--database-url") {
    // Who asks for a directory on the command line wants SQLite in it, whatever the file or DATABASE_URL says.
    sources.delete("store.url");
    tree = put(tree, ["store", "url"], undefined);
  }
  const result = Settings.safeParse(tree);
  if (!result.success) {
    const findings = result.error.issues.flatMap((issue) => {
      const key = issue.path.join(".");
      return toIssueTexts(issue, Settings, false).map(({ message }) => ({ pointer: sources.get(key) ?? key, message }));
    });
    return { settings: Settings.parse({}), origins: {}, findings };
  }
  const settings = result.data;
  const store = { ...settings.store, data_dir: path.resolve(cwd, settings.store.data_dir) };
  const origins = Object.fromEntries(
    leaves(settings).map((key) => {
      const steps = key.split(".");
      const isInFile = file.document !== undefined && valueAt(file.document.value, steps) !== undefined;
      return [key, sources.get(key) ?? (isInFile ? (file.document?.locate(steps) ?? "default") : "default")];
    }),
  );
  return { settings: { ...settings, store }, origins, findings: [] };
};
