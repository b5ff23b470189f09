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

/** What a message quotes, in either kind of quotes. */
const QUOTED = /'([^'\n]{3,200})'|"([^"\n]{3,200})"/g;

type Source = Pick<StoredArtifact, "fileName" | "lines" | "body">;

/** The line at which the import ended, as far as the trace shows it: Airflow keeps its last two frames only. */
const lineInTrace = (trace: string, { fileName }: Source): number | null => {
  const own = [...trace.matchAll(FRAME)].filter(([, path = ""]) => isFile(path, fileName)).at(-1);
  return own?.[2] === undefined ? null : Number(own[2]);
};

const nodeAt = (line: number, { lines }: Source): string | null =>
  lines.filter((entry) => entry.line <= line).at(-1)?.node ?? null;

/** The first line that holds a value which the message quotes, if all such lines are of one node. */
const lineQuoted = (reason: string, source: Source): number | null => {
  const values = [...reason.matchAll(QUOTED)].map(([, single, double]) => single ?? double ?? "");
  const body = source.body.split("\n");
  for (const value of values) {
    const found = body.flatMap((text, index) => (text.includes(value) ? [index + 1] : []));
    const nodes = new Set(found.map((line) => nodeAt(line, source)));
    if (nodes.size === 1 && !nodes.has(null)) return found[0] ?? null;
  }
  return null;
};

/** Maps the line of the generated file at which the import ended to the node that it was made of. */
export const mapImportError = (
  { stackTrace }: Pick<ImportError, "stackTrace">,
  artifact: Source,
  deployment: Pick<StoredDeployment, "instance" | "pipelineId">,
): DeploymentError => {
  const reason = lastLine(stackTrace).slice(0, 1_000);
  const line = lineInTrace(stackTrace, artifact) ?? lineQuoted(reason, artifact);
  const { code, message } = new AirfleetError("DEPLOYMENT_IMPORT_FAILED", {
    instance: deployment.instance,
    pipeline: deployment.pipelineId,
    reason,
  });
  const field = FIELDS.find(([words]) => words.test(reason))?.[1] ?? null;
  return { code, message, node: line === null ? null : nodeAt(line, artifact), field, line };
};
