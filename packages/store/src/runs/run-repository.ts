import type {
  DagId,
  InstanceId,
  RunAddress,
  RunId,
  RunKey,
  RunObservation,
  RunRecord,
  RunState,
  RunType,
  SubjectRef,
  TaskAddress,
  TaskInstance,
  TriggerId,
} from "@airfleet/model";
import type { StorePage } from "../paging/cursor.ts";
import type { HeldRunCount, LiveRunCount, OpenFailureCount } from "./run-counts.ts";

/** A run as remembered. Times that are ours are epoch milliseconds. */
export interface StoredRun {
  readonly key: RunKey;
  readonly instance: InstanceId;
  readonly record: RunRecord;
  /** When it was due: orders the runs of a DAG and of a subject, and does not move when an old run is cleared. */
  readonly dueAt: number;
  /** The trigger of ours that asked for it. */
  readonly triggerId: TriggerId | null;
  /** Who told us of it first. */
  readonly discoveredBy: RunObservation["source"];
  /** Some of its subjects, by type and id, and how many there are. */
  readonly subjects: readonly SubjectRef[];
  readonly subjectsTotal: number;
  readonly firstSeenAt: number;
  /** When its state, or anything else that is shown, last changed. */
  readonly changedAt: number;
}

/** What an observation did to a run. Only runs that changed are told of. */
export interface RunChange {
  readonly run: StoredRun;
  readonly before: RunState | null;
  readonly after: RunState;
  readonly isNew: boolean;
}

export interface ObserveRequest {
  readonly instance: InstanceId;
  readonly observations: readonly RunObservation[];
  /** Subjects of a run by rule; asked for new runs and where the conf became known. Must not throw. */
  readonly subjectsOf?: (run: RunRecord) => readonly SubjectRef[];
  /**
   * The hash of a run's conf as it was observed, secrets and all, to compare with that of a trigger which is still being
   * sent; null where the conf is not known. Must not throw.
   */
  readonly confHashOf?: (run: RunAddress) => string | null;
}

/** Which runs to list; absent fields do not restrict. Times are epoch milliseconds, `from` included, `to` not. */
export interface RunFilter {
  readonly instances?: readonly string[];
  readonly dagIds?: readonly string[];
  readonly states?: readonly RunState[];
  readonly types?: readonly RunType[];
  readonly subject?: Pick<SubjectRef, "type" | "id">;
  /** Top-level conf keys with the text of their value. */
  readonly conf?: Readonly<Record<string, string>>;
  readonly noteContains?: string;
  readonly runIdContains?: string;
  readonly triggerId?: string;
  readonly due?: { readonly from?: number; readonly to?: number };
  readonly started?: { readonly from?: number; readonly to?: number };
  readonly ended?: { readonly from?: number; readonly to?: number };
  readonly durationSeconds?: { readonly from?: number; readonly to?: number };
  /** Failed, and its DAG on that instance has no success that was due later. */
  readonly failedWithoutLaterSuccess?: boolean;
}

export interface RunListQuery extends RunFilter {
  readonly limit: number;
  readonly after?: string;
}

/** One row of a run's history: written only when something changed. */
export interface StoredObservation {
  readonly at: number;
  readonly recordedAt: number;
  readonly source: RunObservation["source"];
  readonly kind: RunObservation["kind"];
  readonly state: RunState;
  readonly engineState: string | null;
}

/** A task instance as last read. */
export interface StoredTask {
  readonly task: TaskInstance;
  readonly observedAt: number;
}

/** All tasks of a run, by one reading. */
export interface RunTasks {
  readonly key: RunKey;
  readonly tasks: readonly TaskInstance[];
}

export interface RunRepository {
  /**
   * Merges observations into their runs, in one transaction with everything that follows from a change: the row of
   * history, the event `run.changed`, the link to the trigger that asked for the run and to that trigger's subjects, the
   * subjects by rule, and what the subjects' pages say. Safe against two processes observing one run at once.
   */
  observe(request: ObserveRequest): Promise<readonly RunChange[]>;
  find(key: RunKey): Promise<StoredRun | undefined>;
  findMany(instance: InstanceId, runs: readonly RunAddress[]): Promise<readonly StoredRun[]>;
  /**
   * Newest due first. Where rows have to be looked at one by one (type, note, part of a run id, start, end, duration) a page
   * looks through 25,000 runs: it may then hold less than `limit`, even nothing, and still go on.
   */
  list(query: RunListQuery): Promise<StorePage<StoredRun>>;
  /** Oldest first. */
  history(key: RunKey): Promise<readonly StoredObservation[]>;
  /** Not finished as far as we know, oldest reading first. */
  listLive(instance: InstanceId, limit: number): Promise<readonly StoredRun[]>;
  /** Runs that are not over, by instance and state. */
  countLive(): Promise<readonly LiveRunCount[]>;
  /** DAGs whose newest outcome is a failure. */
  countOpenFailures(): Promise<readonly OpenFailureCount[]>;
  /** Runs queued since before then whose DAG is paused; of the thousand oldest. */
  countHeld(before: number): Promise<readonly HeldRunCount[]>;
  /** Present runs of an instance in the order of their due time, for the sweep that looks which are gone. */
  listDue(query: {
    readonly instance: InstanceId;
    readonly from: number;
    readonly to: number;
    readonly limit: number;
    readonly after?: { readonly dueAt: number; readonly key: RunKey };
  }): Promise<readonly StoredRun[]>;
  /** Replaces what is kept of these runs' tasks, where nobody has read them later; a hundred runs per transaction. */
  putTasks(runs: readonly RunTasks[], observedAt: number): Promise<void>;
  /** When the tasks of these runs were last read; without those of which they never were. */
  tasksReadAt(keys: readonly RunKey[]): Promise<ReadonlyMap<RunKey, number>>;
  tasks(key: RunKey): Promise<readonly StoredTask[]>;
  /**
   * Keeps tries of tasks of a run that are over. Those that one reading of the tasks leaves behind another are kept by
   * `putTasks` itself.
   */
  putTries(key: RunKey, tries: readonly TaskInstance[], observedAt: number): Promise<void>;
  /** Earlier tries of a task that are kept, oldest first; the present one is among the run's tasks. */
  tries(key: RunKey, task: Pick<TaskAddress, "taskId" | "mapIndex">): Promise<readonly StoredTask[]>;
  /** How many earlier tries are kept of the tasks of a run, by `<map index> <task id>`. */
  countTries(key: RunKey): Promise<ReadonlyMap<string, number>>;
  /** Adds subjects to a run, whoever says so. @returns How many were new. */
  addSubjects(key: RunKey, subjects: readonly SubjectRef[]): Promise<number>;
  removeSubject(key: RunKey, subject: Pick<SubjectRef, "type" | "id">): Promise<boolean>;
  /** All subjects of a run, in order of type and id. */
  subjects(query: {
    readonly key: RunKey;
    readonly limit: number;
    readonly after?: string;
  }): Promise<StorePage<SubjectRef>>;
  /** Forgets runs with all that hangs on them, and remembers up to when, so that the feed does not bring them back. */
  remove(keys: readonly RunKey[], reason: string): Promise<number>;
  /** Whether retention has dropped this run. */
  wasRemoved(instance: InstanceId, run: { readonly dagId: DagId; readonly runId: RunId }): Promise<boolean>;
  /**
   * Folds what is remembered of runs dropped before `before` (epoch milliseconds) into one horizon per DAG, a batch at a
   * time; {@link wasRemoved} knows them no more, but the feed still does not bring them back.
   * @returns How many; call again until 0.
   */
  foldRemoved(before: number, batch?: number): Promise<number>;
}
