import type { Client, ItemOf } from "@airfleet/sdk";
import { toSecondsText } from "../output/instant-text.ts";
import type { Column } from "../output/listing.ts";

export type Pipeline = Awaited<ReturnType<Client["getPipeline"]>>;
export type PipelineItem = ItemOf<"listPipelines">;
export type Finding = Awaited<ReturnType<Client["validatePipeline"]>>["errors"][number] & { readonly severity: string };
export type PipelineVersion = ItemOf<"listPipelineVersions">;

const scheduleText = ({ schedule, is_scheduled: isOn, time_zone: zone }: Omit<PipelineItem, "node_count">): string =>
  schedule === null ? "" : `${schedule} ${zone}${isOn ? "" : " (off)"}`;

const toneOfStatus = ({ status }: Pick<PipelineItem, "status">) => (status === "active" ? "good" : "faint");

export const pipelineColumns: readonly Column<PipelineItem>[] = [
  { header: "ID", text: (row) => row.id },
  { header: "NAME", text: (row) => row.name },
  { header: "STATUS", text: (row) => row.status, tone: toneOfStatus },
  { header: "NODES", text: (row) => row.node_count, alignRight: true },
  { header: "SCHEDULE", text: scheduleText },
  { header: "TAGS", text: (row) => row.tags.join(", ") },
  { header: "OWNER", text: (row) => row.owner },
  {
    header: "COMPILES",
    text: (row) => (row.plan_hash === null ? "no" : "yes"),
    tone: (row) => (row.plan_hash === null ? "warning" : "plain"),
  },
  { header: "CHANGED", text: (row) => toSecondsText(row.updated_at) },
  { header: "REVISION", text: (row) => row.revision, isWide: true },
  { header: "DAG", text: (row) => row.dag_id, isWide: true },
];

export const pipelineFields: readonly Column<Pipeline>[] = [
  { header: "ID", text: (row) => row.id },
  { header: "NAME", text: (row) => row.name },
  { header: "DESCRIPTION", text: (row) => row.description },
  { header: "STATUS", text: (row) => row.status, tone: toneOfStatus },
  { header: "VERSION", text: (row) => row.version },
  { header: "REVISION", text: (row) => row.revision },
  { header: "SCHEDULE", text: scheduleText },
  { header: "TAGS", text: (row) => row.tags.join(", ") },
  { header: "OWNER", text: (row) => row.owner },
  { header: "TENANT", text: (row) => row.tenant },
  {
    header: "ENVIRONMENTS",
    text: (row) =>
      Object.entries(row.environments)
        .map(([name, ids]) => `${name}: ${ids.join(", ")}`)
        .join("; "),
  },
  { header: "DAG", text: (row) => row.dag_id },
  { header: "PLAN", text: (row) => row.plan_hash ?? "does not compile" },
  { header: "CREATED", text: (row) => `${toSecondsText(row.created_at)} by ${row.created_by}` },
  { header: "CHANGED", text: (row) => toSecondsText(row.updated_at) },
];

export const findingColumns: readonly Column<Finding>[] = [
  { header: "SEVERITY", text: (row) => row.severity, tone: (row) => (row.severity === "error" ? "bad" : "warning") },
  { header: "TYPE", text: (row) => row.type },
  { header: "NODE", text: (row) => row.node ?? row.edge },
  { header: "FIELD", text: (row) => row.field },
  { header: "FINDING", text: (row) => row.message },
  { header: "FIX", text: (row) => row.fix },
];

export const versionColumns: readonly Column<PipelineVersion>[] = [
  { header: "REVISION", text: (row) => row.revision, alignRight: true },
  { header: "CHANGED", text: (row) => toSecondsText(row.created_at) },
  { header: "BY", text: (row) => row.author },
  { header: "NAME", text: (row) => row.name },
  { header: "NOTE", text: (row) => row.note },
  { header: "PLAN", text: (row) => row.plan_hash, isWide: true },
];
