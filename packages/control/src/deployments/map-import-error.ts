import { AirfleetError, type ImportError } from "@airfleet/model";
import type { DeploymentError, StoredArtifact, StoredDeployment } from "@airfleet/store";

const FRAME = /File "([^"]+)", line (\d+)/g;
/** Arguments of a task and of a pipeline as people know them. */
const FIELDS: readonly (readonly [RegExp, string])[] = [
  [/\bcron\b|\bschedule\b|timetable/i, "schedule"],
  [/time ?zone|ZoneInfo|pendulum.*tz/i, "time_zone"],
  [/\bpool\b/i, "pool"],
  [/\bqueue\b/i, "queue"],
  [/\bretries\b|retry_/i, "retry"],
  [/execution_timeout|timeout_seconds/i, "timeout_seconds"],
  [/start_date/i, "start_date"],
  [/\bparams?\b|ParamValidationError/i, "default_params"],
  [/\btags?\b/i, "tags"],
  [/task_id/i, "id"],
];

const isFile = (path: string, fileName: string): boolean => path === fileName || path.endsWith(`/${fileName}`);

/** The last line of a stack trace says what went wrong. */
const lastLine = (trace: string): string => trace.trimEnd().split("\n").at(-1)?.trim() ?? "";

/** The import error of a file, as it is worded for whoever edits the pipeline. */
export const findImportError = (
  errors: readonly ImportError[],
  artifact: Pick<StoredArtifact, "fileName">,
): ImportError | undefined => errors.find(({ file }) => isFile(file, artifact.fileName));

/** Maps the line of the generated file at which the import ended to the node that it was made of. */
export const mapImportError = (
  { stackTrace }: Pick<ImportError, "stackTrace">,
  artifact: Pick<StoredArtifact, "fileName" | "lines">,
  deployment: Pick<StoredDeployment, "instance" | "pipelineId">,
): DeploymentError => {
  const frames = [...stackTrace.matchAll(FRAME)].filter(([, path = ""]) => isFile(path, artifact.fileName));
  const line = frames.at(-1)?.[2] === undefined ? null : Number(frames.at(-1)?.[2]);
  const place = line === null ? undefined : artifact.lines.filter((entry) => entry.line <= line).at(-1);
  const reason = lastLine(stackTrace).slice(0, 1_000);
  const { code, message } = new AirfleetError("DEPLOYMENT_IMPORT_FAILED", {
    instance: deployment.instance,
    pipeline: deployment.pipelineId,
    reason,
  });
  const field = FIELDS.find(([words]) => words.test(reason))?.[1] ?? null;
  return { code, message, node: place?.node ?? null, field, line };
};
