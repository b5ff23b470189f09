import { createHash } from "node:crypto";

/** What every engine takes as the name of a task, and a file system as that of a folder. */
const PLAIN = /^[A-Za-z0-9_][A-Za-z0-9_-]{0,119}$/;

/**
 * The name of a node's step. It is made of the node's id alone, so that it stays when anything else changes: an Airflow
 * 2 scheduler that still knows the old tasks could otherwise end a run without running the new ones.
 */
export const toStepId = (nodeId: string): string => {
  if (PLAIN.test(nodeId)) return nodeId;
  const readable = nodeId
    .normalize("NFKD")
    .replaceAll(/[^A-Za-z0-9_-]+/g, "_")
    .replace(/^[_-]+/, "")
    .slice(0, 80);
  return `${readable === "" ? "node" : readable}_${createHash("sha256").update(nodeId).digest("hex").slice(0, 10)}`;
};
