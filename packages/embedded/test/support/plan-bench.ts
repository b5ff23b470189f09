import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { AirfleetError, type Connection } from "@airfleet/model";
import type { StepRunner } from "../../src/index.ts";
import { compileCase, type PlanCase } from "../plans/plan-case.ts";
import { type OwnDatabase, openOwnDatabase } from "./databases.ts";
import { readTable, type Table } from "./read-table.ts";
import { runPlan } from "./run-plan.ts";

/** What came of a case, in the words in which the case says what must. */
export interface CaseOutcome {
  readonly tables: Readonly<Record<string, Table>>;
  readonly written: Readonly<Record<string, string>>;
  readonly stored: readonly (readonly (readonly (string | null)[])[])[];
  readonly carriedOut: readonly string[];
  readonly error: { readonly step: string; readonly code: string; readonly reason: string } | null;
}

export const PIPELINE = "00000000-0000-4000-8000-000000000001";

/** Puts the files of a case where its pipeline looks for them. */
export const putFiles = (root: string, files: PlanCase["files"]): void => {
  for (const [name, content] of Object.entries(files)) {
    const file = path.join(root, name);
    mkdirSync(path.dirname(file), { recursive: true });
    writeFileSync(file, typeof content === "string" ? content : Buffer.from(content.base64, "base64"));
  }
};

export interface BenchRoom {
  readonly root: string;
  readonly findConnection: (id: string) => Promise<Connection>;
}

/** One interpreter with a data root and a database of its own. */
export interface PlanBench extends AsyncDisposable {
  run(given: PlanCase): Promise<CaseOutcome>;
}

const toError = (step: string, error: unknown): CaseOutcome["error"] => {
  if (!(error instanceof AirfleetError)) throw error;
  return { step, code: error.code, reason: String(error.details["reason"]) };
};

/** @param open makes the interpreter, for a room that stays the same for all cases. */
export const openPlanBench = async (open: (room: BenchRoom) => StepRunner): Promise<PlanBench> => {
  const folder = mkdtempSync(path.join(tmpdir(), "airfleet-plans-"));
  const root = path.join(folder, "data");
  mkdirSync(root);
  let database: OwnDatabase | undefined;
  const databaseNow = async (): Promise<OwnDatabase> => (database ??= await openOwnDatabase());
  const runner = open({ root, findConnection: async () => (await databaseNow()).connection });
  let count = 0;

  return {
    async run(given) {
      rmSync(root, { recursive: true });
      mkdirSync(root);
      putFiles(root, given.files);
      for (const statement of given.before?.postgres ?? []) await (await databaseNow()).rows(statement);
      const plan = compileCase(given, PIPELINE);
      count += 1;
      const runFolder = path.join(folder, "runs", String(count));
      const { results, failed } = await runPlan({ plan, runner, runFolder, params: given.params });
      const tables: Record<string, Table> = {};
      for (const name of Object.keys(given.tables)) {
        const [step = "", output = ""] = name.split(".");
        const reference = results.get(step)?.outputs[output];
        if (reference === undefined) continue;
        const table = await readTable(reference.uri);
        // A reference says of its file what the file says.
        if (table.rows.length !== reference.rows) throw new Error(`${name}: ${reference.rows} rows are promised`);
        tables[name] = {
          columns: reference.columns.map((column) => [column.name, column.type] as const),
          rows: table.rows,
        };
      }
      const written = Object.keys(given.written).map((name) => [name, readFileSync(path.join(root, name), "utf8")]);
      const stored: CaseOutcome["stored"][number][] = [];
      for (const { query } of given.stored) stored.push(await (await databaseNow()).rows(query));
      return {
        tables,
        written: Object.fromEntries(written) as Record<string, string>,
        stored,
        carriedOut: [...results.keys()],
        error: failed === null ? null : toError(failed.step, failed.error),
      };
    },
    async [Symbol.asyncDispose]() {
      await runner.close();
      await database?.[Symbol.asyncDispose]();
      rmSync(folder, { recursive: true, force: true });
    },
  };
};
