import type { RunState, Tier } from "@airfleet/model";
import type { Wrong } from "../fleet/overview.ts";

/** What an instance or a DAG can be besides the state of a run. */
export type Condition = "paused" | "broken" | "unreachable" | "stale" | "partial" | "none";

/** Every word of the interface; a language is a value of this type. */
export interface Words {
  /** For `lang` and for numbers and times. */
  readonly locale: string;
  readonly places: {
    readonly main: string;
    readonly fleet: string;
    readonly dags: string;
    readonly runs: string;
    readonly subjects: string;
    readonly audit: string;
    readonly settings: string;
    readonly more: string;
  };
  readonly states: Readonly<Record<RunState | Condition, string>>;
  readonly tiers: Readonly<Record<Tier, string>>;
  readonly bar: {
    readonly skip: string;
    readonly wrongNow: (count: number) => string;
    readonly dark: string;
    readonly light: string;
    readonly live: (seconds: string) => string;
    readonly waiting: string;
    readonly offline: string;
    readonly offlineSince: (age: string) => string;
    readonly language: string;
    readonly signOut: string;
  };
  readonly session: {
    readonly title: string;
    readonly lede: string;
    readonly token: string;
    readonly signIn: string;
    readonly signingIn: string;
    readonly wrong: string;
    readonly expired: string;
    readonly how: string;
  };
  readonly failing: {
    readonly again: string;
    readonly code: string;
    readonly request: string;
    readonly offline: string;
    readonly forbidden: (permission: string) => string;
    readonly broken: string;
    readonly missing: string;
    readonly notFound: string;
    readonly toFleet: string;
  };
  readonly ages: {
    readonly now: string;
    readonly seconds: (count: number) => string;
    readonly minutes: (count: number) => string;
    readonly hours: (hours: number, minutes: number) => string;
    readonly days: (count: number) => string;
    readonly never: string;
  };
  readonly wrong: {
    readonly kinds: Readonly<Record<Wrong["kind"], string>>;
    /** What stands behind the name of the DAG, file or instance. */
    readonly sentence: (wrong: Pick<Wrong, "kind" | "reason" | "count">) => string;
  };
  readonly fleet: {
    readonly allWell: string;
    readonly wrong: (count: number, where: string) => string;
    readonly onProduction: string;
    readonly onFleet: string;
    readonly read: (current: number, all: number) => string;
    readonly silent: (instance: string, age: string) => string;
    readonly inFlight: (count: number) => string;
    readonly instances: string;
    readonly instancesOf: (current: number, all: number) => string;
    readonly countOf: (count: number) => string;
    readonly instance: string;
    readonly engine: string;
    readonly readAt: string;
    readonly running: string;
    readonly wrongHere: string;
    readonly key: string;
    readonly wrongNow: string;
    readonly order: string;
    readonly nothingWrong: string;
    readonly matrix: string;
    readonly matrixOf: string;
    readonly notDeployed: string;
    readonly lastKnown: string;
    readonly cell: (dag: string, instance: string, state: string, more: string) => string;
    readonly asOf: (age: string) => string;
    readonly inARow: (count: number) => string;
    readonly noInstances: string;
    readonly firstSteps: readonly { readonly text: string; readonly command: string }[];
    readonly noDags: string;
    readonly untagged: string;
    readonly dagsOf: (count: number) => string;
    readonly openRun: string;
    readonly openDag: string;
    readonly openInstance: string;
    readonly allOf: (count: number) => string;
  };
}
