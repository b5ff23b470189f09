import { rm, writeFile } from "node:fs/promises";
import path from "node:path";
import type { ConformanceHost, DagFiles } from "@airfleet/engine";
import { InstanceConfig, resolveInstanceConfig } from "@airfleet/model";
import { attachAirflow, type Generation, type RunningAirflow, startAirflow } from "@airfleet/tools-engines";
import { z } from "zod";
import { createAirflowEngine } from "../../src/index.ts";

const Shared = z.array(z.object({ id: z.string(), generation: z.union([z.literal(2), z.literal(3)]) }));

/** The instance that other suites use as well (ids in AIRFLEET_ENGINES), else one of our own that ends with the suite. */
export const takeAirflow = async (generation: Generation): Promise<RunningAirflow> => {
  const shared = Shared.parse(JSON.parse(process.env["AIRFLEET_ENGINES"] ?? "[]"));
  const known = shared.find((engine) => engine.generation === generation);
  return known === undefined ? startAirflow({ generation }) : attachAirflow(known.id);
};

const source = (dagId: string): string => `
from datetime import datetime, timezone
try:
    from airflow.providers.standard.operators.bash import BashOperator
    from airflow.sdk import DAG
except ImportError:
    from airflow import DAG
    from airflow.operators.bash import BashOperator

with DAG(dag_id="${dagId}", start_date=datetime(2024, 1, 1, tzinfo=timezone.utc), schedule=None, catchup=False,
         is_paused_upon_creation=False, tags=["conformance-file"]):
    BashOperator(task_id="a", bash_command="true")
`;

const filesIn = (folder: string): DagFiles => {
  const place = (dagId: string): string => path.join(folder, `${dagId}.py`);
  return {
    write: (dagId) => writeFile(place(dagId), source(dagId)),
    break: (dagId) => writeFile(place(dagId), `# an Airflow DAG: ${dagId}\nimport a_module_that_is_missing\n`),
    remove: (dagId) => rm(place(dagId), { force: true }),
  };
};

/** A running Airflow as the suite wants to have it. */
export const hostOf = ({ id, generation, url, username, password, dagsFolder }: RunningAirflow): ConformanceHost => ({
  open: ({ credentials = "right" } = {}) => {
    const auth = { type: "basic", username, password: credentials === "right" ? password : "wrong-password" };
    const config = InstanceConfig.parse({ id, url, auth, limits: { timeout_ms: 60_000 } });
    return createAirflowEngine({ config: resolveInstanceConfig(config, () => "") });
  },
  files: filesIn(dagsFolder),
  // Airflow 2 spends 80 ms and more of its one worker on every look.
  pollMs: generation === 2 ? 1_000 : 400,
  patienceMs: 120_000,
});
