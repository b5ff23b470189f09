import { openToken, signToken } from "../http/signed-token.ts";
import { type DagRecord, fileOf, relativeFileOf } from "./dag-record.ts";
import type { Deployment } from "./deployment.ts";

/** The name of the one bundle that a simulated Airflow 3 has. */
export const BUNDLE = "dags-folder";

/** What a client hands back to read or re-parse a DAG's file. */
export const fileTokenOf = ({ world, secretKey }: Deployment, dag: DagRecord): string => {
  const file = fileOf(dag.parsed);
  return signToken(
    secretKey,
    world.generation === 2 ? file : { bundle_name: BUNDLE, relative_fileloc: relativeFileOf(file) },
  );
};

/** The path of a file token, absolute on Airflow 2 and relative on 3; undefined for a bad one. */
export const fileOfToken = ({ secretKey }: Deployment, token: string): string | undefined => {
  const value = openToken(secretKey, token);
  if (typeof value === "string") return value;
  if (typeof value !== "object" || value === null || !("relative_fileloc" in value)) return undefined;
  return typeof value.relative_fileloc === "string" ? value.relative_fileloc : undefined;
};
