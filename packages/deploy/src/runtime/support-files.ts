import { createHash } from "node:crypto";
import type { DeployedFile } from "../deploy-target.ts";
import type { RuntimeBundle } from "./runtime-bundle.ts";

/** Name of the DAG that makes Airflow 3 look for new files; another one for each of our folders. */
export const sentinelDagId = (folder: string): string =>
  `airfleet_sentinel_${createHash("sha256").update(folder).digest("hex").slice(0, 8)}`;

const sentinelText = (dagId: string): string => `# Written by Airfleet. It has no tasks and never runs.
# Asked to parse this file again, Airflow 3 looks for new files at once instead of at its next interval.
from datetime import datetime, timezone

try:
    from airflow.sdk import DAG
except ImportError:
    from airflow.models.dag import DAG

dag = DAG(
    dag_id="${dagId}",
    description="Lets Airfleet have new files found at once; it never runs",
    schedule=None,
    start_date=datetime(2024, 1, 1, tzinfo=timezone.utc),
    catchup=False,
    tags=["airfleet"],
    is_paused_upon_creation=True,
)
`;

/**
 * What stands beside the files of DAGs: an ignore file that both of Airflow's syntaxes (regular expressions and globs)
 * read alike, and the sentinel.
 */
export const toSupportFiles = (folder: string): readonly DeployedFile[] => {
  const dagId = sentinelDagId(folder);
  return [
    { path: ".airflowignore", text: "airfleet_runtime_*\n" },
    { path: `${dagId}.py`, text: sentinelText(dagId) },
  ];
};

/** The files of a runtime within our folder. */
export const toRuntimeFiles = ({ name, files }: RuntimeBundle): readonly DeployedFile[] =>
  Object.entries(files).map(([path, text]) => ({ path: `${name}/${path}`, text }));
