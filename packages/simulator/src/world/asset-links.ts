import type { DagRecord } from "./dag-record.ts";
import type { AssetRecord } from "./house-records.ts";
import type { World } from "./world.ts";

/** DAGs whose schedule names this asset. */
export const consumersOf = (world: World, uri: string): DagRecord[] =>
  [...world.dags.values()].filter((dag) => {
    const schedule = dag.serialized.schedule ?? null;
    return schedule !== null && typeof schedule === "object" && "assets" in schedule && schedule.assets.includes(uri);
  });

export interface Producer {
  readonly dag: DagRecord;
  readonly taskId: string;
}

/** Tasks that update this asset. */
export const producersOf = (world: World, { uri }: AssetRecord): Producer[] =>
  [...world.dags.values()].flatMap((dag) =>
    dag.serialized.tasks
      .filter((task) => (task.outlets ?? []).includes(uri))
      .map((task) => ({ dag, taskId: task.taskId })),
  );
