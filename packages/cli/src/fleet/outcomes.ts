import { combineExitCodes, EXIT } from "../failure/exit-codes.ts";
import type { Column } from "../output/listing.ts";
import { toneOf } from "../output/listing.ts";
import type { Output } from "../output/output.ts";
import type { Session } from "../session/session.ts";
import type { Target } from "./act-on-many.ts";

/** What came of acting on one target. */
export interface Outcome {
  readonly instance: string;
  readonly dag_id: string;
  readonly dag_run_id: string | null;
  readonly task_id: string | null;
  readonly map_index: number | null;
  readonly outcome: "done" | "failed" | "unknown" | "pending";
  readonly code: string | null;
  readonly message: string | null;
  readonly warnings: readonly string[];
  readonly action: string | null;
  readonly after: Readonly<Record<string, unknown>> | null;
  readonly exitCode: number;
}

/** A target with what would happen to it. */
export type Planned = Target & { readonly would: string };

const columns: readonly Column<Outcome>[] = [
  { header: "INSTANCE", text: (row) => row.instance },
  { header: "DAG", text: (row) => row.dag_id },
  { header: "RUN", text: (row) => row.dag_run_id },
  { header: "TASK", text: (row) => row.task_id, isWide: true },
  { header: "OUTCOME", text: (row) => row.outcome, tone: (row) => toneOf(row.outcome) },
  { header: "CODE", text: (row) => row.code },
  { header: "ACTION", text: (row) => row.action, isWide: true },
  { header: "REMARK", text: (row) => row.message ?? row.warnings.join(" ") },
];

/** The shell is told the exit code; in the data it would say the same twice. */
const withoutExitCode = (row: Outcome): unknown => ({ ...row, exitCode: undefined });

/** Prints a row per target, and on stderr what the count of them is when not all went well. */
export const printOutcomes = async (output: Output, rows: readonly Outcome[]): Promise<void> => {
  await output.list({ columns, rows, nameOf: (row) => row.dag_run_id ?? row.instance, toValue: withoutExitCode });
  const bad = rows.filter((row) => row.exitCode !== EXIT.ok);
  if (bad.length === 0) return;
  for (const row of bad) output.warn(`airfleet: ${row.instance}: ${row.code ?? row.outcome}: ${row.message ?? ""}`);
  if (rows.length > 1) output.warn(`airfleet: ${rows.length - bad.length} of ${rows.length} done`);
};

interface PlanRow {
  readonly instance: string;
  readonly tier: string;
  readonly dag_id: string;
  readonly dag_run_id: string | null;
  readonly task_id: string | null;
  readonly would: string | null;
  readonly code: string | null;
  readonly message: string | null;
}

const planColumns: readonly Column<PlanRow>[] = [
  { header: "INSTANCE", text: (row) => row.instance },
  { header: "TIER", text: (row) => row.tier, tone: (row) => toneOf(row.tier) },
  { header: "DAG", text: (row) => row.dag_id },
  { header: "RUN", text: (row) => row.dag_run_id },
  { header: "TASK", text: (row) => row.task_id, isWide: true },
  { header: "WOULD", text: (row) => row.would ?? `nothing: ${row.message ?? ""}` },
];

const toPlanRow = (row: Planned | Outcome): PlanRow =>
  "would" in row
    ? {
        instance: row.instance,
        tier: row.tier,
        dag_id: row.dagId,
        dag_run_id: row.runId ?? null,
        task_id: row.taskId ?? null,
        would: row.would,
        code: null,
        message: null,
      }
    : {
        instance: row.instance,
        tier: "",
        dag_id: row.dag_id,
        dag_run_id: row.dag_run_id,
        task_id: row.task_id,
        would: null,
        code: row.code,
        message: row.message,
      };

/** Prints what would happen. The exit code is the one that the targets which cannot be reached would give. */
export const printPlan = async ({ output }: Session, rows: readonly (Planned | Outcome)[]): Promise<number> => {
  await output.list({
    columns: planColumns,
    rows: rows.map(toPlanRow),
    nameOf: (row) => row.dag_run_id ?? row.instance,
  });
  output.note("Nothing was changed (--dry-run).");
  return combineExitCodes(rows.map((row) => ("exitCode" in row ? row.exitCode : EXIT.ok)));
};
