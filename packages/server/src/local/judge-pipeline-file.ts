import { resolve } from "node:path";
import { ROUTES, type RouteOutput } from "@airfleet/contract";
import { type ConfigurationSource, judgeDraft, loadConfiguration, loadModuleFolders } from "@airfleet/control";
import { RUNTIME_BUNDLE } from "@airfleet/deploy";
import { AirfleetError } from "@airfleet/model";
import { configOf } from "../routes/pipeline-body.ts";
import { toArtifactView, toDraft, toValidationView } from "../views/pipeline-view.ts";

/** A pipeline file, judged by this process with the modules that airfleet.yaml names. */
export interface JudgedFile {
  readonly validation: RouteOutput<typeof ROUTES.validatePipelineConfig>;
  /** Null when it has errors. */
  readonly artifact: RouteOutput<typeof ROUTES.compilePipeline> | null;
  /** Folders of modules.paths that hold no module. */
  readonly refused: readonly { readonly file: string; readonly reason: string }[];
}

/** Of a file that has no id yet. */
const NO_ID = "00000000-0000-0000-0000-000000000000";

/**
 * Checks and compiles what a file holds, as the server would; only the connections are left to it.
 *
 * @throws {AirfleetError} REQUEST_INVALID, and what the configuration throws
 */
export const judgePipelineFile = async (
  source: ConfigurationSource,
  file: unknown,
  target: "plan" | "airflow" | "embedded",
): Promise<JudgedFile> => {
  const { config, nodes, edges, ...rest } = (file ?? {}) as Readonly<Record<string, unknown>>;
  // The config is judged as a whole, so that all findings come at once.
  const parsed = ROUTES.importPipeline.body?.safeParse({ name: "unnamed", ...rest });
  if (parsed?.success !== true) {
    const findings = (parsed?.error.issues ?? []).map(({ path, message }) => ({
      pointer: `/${path.join("/")}`,
      message,
    }));
    const summary = findings.map(({ pointer, message }) => `${pointer.slice(1)}: ${message}`).join("; ");
    throw new AirfleetError("REQUEST_INVALID", { summary }, { findings });
  }
  const paths = loadConfiguration(source).settings.modules.paths.map((path) => resolve(source.cwd, path));
  const drawn = configOf({ config, nodes, edges });
  const draft = { ...toDraft(parsed.data), config: drawn as Readonly<Record<string, unknown>> };
  const judged = await judgeDraft(draft, {
    id: parsed.data.id ?? NO_ID,
    target,
    runtime: () => RUNTIME_BUNDLE.name,
    loadModules: () => loadModuleFolders(paths),
    now: Date.now,
  });
  return {
    validation: toValidationView(judged.validation),
    artifact: judged.artifact === null ? null : toArtifactView(judged.artifact),
    refused: judged.refused,
  };
};
