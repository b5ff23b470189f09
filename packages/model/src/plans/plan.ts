import type { NodeRetry, NodeType } from "../pipelines/pipeline-config.ts";

/**
 * A value of a step's options. `{$param}` stands for a run's parameter, `{$text}` for a text with parameters in it; both
 * are filled in when the step runs, as values, so that no parameter can become part of a statement or a path unseen.
 */
export type PlanValue =
  | null
  | boolean
  | number
  | string
  | readonly PlanValue[]
  | { readonly $param: string }
  | { readonly $text: readonly (string | { readonly $param: string })[] }
  | { readonly [key: string]: PlanValue };

/** Options of a step, by name. */
export type PlanOptions = Readonly<Record<string, PlanValue>>;

/** A column's quoted name inside what is repeated for it. */
export type ColumnPart =
  | { readonly column: "name" | "lower_name" }
  /** The name with something behind it. */
  | { readonly column: "name"; readonly suffix: string };

/** A part of a statement that is repeated for columns of an input, which are only known when the step runs. */
export interface EachColumn {
  readonly input: string;
  /** Only columns whose DuckDB type begins with one of these. */
  readonly types?: readonly string[];
  /** Only these columns; one that is missing fails the step by name. */
  readonly only?: readonly string[];
  readonly except?: readonly string[];
  /** Only columns that another input has as well, or has not. */
  readonly alsoIn?: string;
  readonly notIn?: string;
  readonly each: readonly (string | ColumnPart)[];
  readonly join: string;
  /** Before and behind them all, when there are any. */
  readonly around?: readonly [string, string];
  /** Stands there when no column is left. */
  readonly none: string;
}

/**
 * One statement in DuckDB's words that yields rows. Inputs are its tables by name, and `$p_x` is the run's parameter
 * `x`, bound. The parts follow each other without anything between.
 */
export interface SqlText {
  readonly parts: readonly (string | EachColumn)[];
  /** Parameters that it binds. */
  readonly params: readonly string[];
}

/** Where rows come from or go to. */
export type Connector = "csv" | "json" | "parquet" | "excel" | "postgres" | "mysql" | "rest" | "s3";

/** What a step does. Every step is a function of the Parquet files of its inputs, its options and the run's parameters. */
export type StepBody =
  | {
      readonly kind: "read";
      readonly connector: Connector;
      readonly options: PlanOptions;
      readonly connection: string | null;
    }
  | { readonly kind: "sql"; readonly outputs: Readonly<Record<string, SqlText>>; readonly checks?: readonly SqlCheck[] }
  | {
      readonly kind: "python";
      readonly code: string;
      /** Called with a frame for each input, in the order of the step's inputs. */
      readonly function: string;
      readonly timeoutSeconds: number;
    }
  | {
      readonly kind: "write";
      readonly connector: Connector;
      readonly mode: WriteMode;
      /** Columns that identify a row, for `upsert`. */
      readonly keys: readonly string[];
      readonly options: PlanOptions;
      readonly connection: string | null;
    }
  | {
      readonly kind: "branch";
      /** The first whose condition holds for its input is taken. */
      readonly cases: readonly { readonly output: string; readonly when: SqlText }[];
      readonly otherwise: string | null;
    }
  | {
      readonly kind: "command";
      readonly argv: readonly PlanValue[];
      readonly env: Readonly<Record<string, PlanValue>>;
    };

/** What happens to rows that are there already. */
export type WriteMode = "append" | "replace" | "upsert";

/** Fails the step when `rows` finds any; in the message `{rows}` stands for how many and `{first}` for the first as JSON. */
export interface SqlCheck {
  readonly rows: SqlText;
  readonly message: string;
}

/** Where an input's rows come from. */
export interface StepInput {
  readonly name: string;
  readonly step: string;
  readonly output: string;
}

/** One step: a task of an engine. */
export interface Step {
  /** Within `[A-Za-z0-9_-]`, made of the node's id alone, so that it stays when the pipeline is edited. */
  readonly id: string;
  readonly node: string;
  readonly label: string;
  readonly module: string;
  readonly type: NodeType;
  readonly inputs: readonly StepInput[];
  /**
   * `any`: it is carried out once nothing before it is open, with the inputs that are there, where a branch has skipped
   * others. An input that is not there has the columns of the first one that is (by name), and no rows; when none is
   * there, the step is skipped too. Without it, the step is skipped as soon as one input is.
   */
  readonly needs?: "any";
  readonly outputs: readonly string[];
  readonly retry: NodeRetry | null;
  readonly timeoutSeconds: number | null;
  readonly pool: string | null;
  readonly queue: string | null;
  readonly body: StepBody;
}

/** When a pipeline runs by itself. */
export interface PlanSchedule {
  readonly cron: string;
  readonly timeZone: string;
  /** ISO instant; fixed when it was first scheduled, so that engines compute the same intervals for ever. */
  readonly startDate: string;
  readonly endDate: string | null;
  readonly catchup: boolean;
}

/** A compiled pipeline: ordered steps that every engine carries out alike. */
export interface Plan {
  readonly format: 1;
  readonly pipeline: string;
  readonly name: string;
  readonly dagId: string;
  /** Version that the statements are written for. */
  readonly duckdb: string;
  readonly tags: readonly string[];
  readonly params: Readonly<Record<string, PlanValue>>;
  readonly schedule: PlanSchedule | null;
  readonly maxActiveRuns: number;
  /** Each after those that it reads from. */
  readonly steps: readonly Step[];
}
