import type { PipelineConfig, PipelineFinding } from "@airfleet/model";
import { finding } from "./finding.ts";

/** What is asked of the drawing as a whole, in the words that older clients know. */
export const checkWhole = ({ nodes, edges }: PipelineConfig): readonly PipelineFinding[] => {
  if (nodes.length === 0) {
    const message = "Pipeline must contain at least one module";
    return [finding({ type: "empty_pipeline", message, fix: "Add a node that reads data." })];
  }
  const findings: PipelineFinding[] = [];
  const has = (type: string): boolean => nodes.some((node) => node.type === type);
  if (!has("extractor")) {
    const message = "Pipeline must start with at least one extractor";
    findings.push(finding({ type: "missing_extractor", message, fix: "Add a node that reads data." }));
  }
  if (!has("loader")) {
    const message = "Pipeline must end with at least one loader";
    findings.push(finding({ type: "missing_loader", message, fix: "Add a node that writes data." }));
  }
  const ends = new Set(edges.flatMap(({ source, target }) => [source, target]));
  const alone = nodes.filter(({ id }) => !ends.has(id));
  if (nodes.length > 1 && alone.length > 0) {
    findings.push(
      finding({
        severity: "warning",
        type: "orphaned_nodes",
        message: `Found ${alone.length} disconnected nodes`,
        fix: `Connect or remove: ${alone
          .map(({ id }) => id)
          .join(", ")
          .slice(0, 500)}.`,
        node: alone[0]?.id ?? null,
      }),
    );
  }
  return findings;
};
