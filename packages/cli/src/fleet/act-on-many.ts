import { AirfleetApiError, type CallOptions } from "@airfleet/sdk";
import { describeFailure } from "../failure/describe-failure.ts";
import { combineExitCodes, EXIT } from "../failure/exit-codes.ts";
import type { Session } from "../session/session.ts";
import { type Action, actionOf, awaitAction } from "./await-action.ts";
import { confirmProduction } from "./confirm-production.ts";
import { gather } from "./gather.ts";
import { printOutcomes, printPlan, type Outcome } from "./outcomes.ts";

/** One thing on one instance that a command acts on. */
export interface Target {
  readonly instance: string;
  readonly tier: string;
  readonly dagId: string;
  readonly runId?: string;
  readonly taskId?: string;
}

/** Options of every command that acts. */
export interface ActOptions {
  readonly dryRun?: boolean;
  readonly confirm?: string;
  readonly yes?: boolean;
  /** False with --no-wait. */
  readonly wait?: boolean;
  /** Seconds. */
  readonly timeout?: number;
}

/** What is done to each target. */
export interface Deed<One extends Target> {
  /** What it does, after "This would": `pause orders`. */
  readonly words: string;
  /** Whether production instances want a confirmation for it. */
  readonly isGuarded: boolean;
  readonly perform: (target: One, confirm: { readonly confirm?: string }, options: CallOptions) => Promise<Action>;
  /** What would happen to this target, without doing it. */
  readonly preview: (target: One) => Promise<string>;
}

/** The longest that a server holds an answer back. */
const SERVER_WAIT_SECONDS = 25;
const DEFAULT_TIMEOUT_SECONDS = 60;

/**
 * Without a preference the server answers within 25 s and tells at once that an instance is away. With one it may also
 * hand the write to its reconciler, which tries again until the instance is back: right for who does not wait, wrong for
 * who looks on.
 */
const toCallOptions = (isAwaited: boolean, seconds: number): CallOptions => {
  if (!isAwaited) return { prefer: "respond-async" };
  return seconds < SERVER_WAIT_SECONDS ? { prefer: { wait: seconds } } : {};
};

const toOutcome = (target: Target, action: Action, isAwaited: boolean): Outcome => {
  const { id, state, error, warnings, dag_run_id, map_index, after } = action;
  const isLate = state === "pending" && isAwaited;
  return {
    instance: target.instance,
    dag_id: target.dagId,
    dag_run_id: dag_run_id ?? target.runId ?? null,
    task_id: target.taskId ?? null,
    map_index,
    outcome: state,
    code: error?.code ?? null,
    message: error?.message ?? (isLate ? `Not over yet; look again with: airfleet actions show ${id}` : null),
    warnings: warnings.map(({ message }) => message),
    action: id,
    after,
    exitCode: isLate ? EXIT.timeout : EXIT.ok,
  };
};

const toFailure = (target: Target, error: unknown): Outcome => {
  const { code, message, exitCode, hints } = describeFailure(error);
  const isLost = error instanceof AirfleetApiError && code === "CLEAR_OUTCOME_UNKNOWN";
  return {
    instance: target.instance,
    dag_id: target.dagId,
    dag_run_id: target.runId ?? null,
    task_id: target.taskId ?? null,
    map_index: null,
    outcome: isLost ? "unknown" : "failed",
    code,
    message: [message, ...hints.filter((hint) => !hint.startsWith("recorded as"))].join(" "),
    warnings: [],
    action: error instanceof AirfleetApiError ? actionOf(error) : null,
    after: null,
    exitCode,
  };
};

/**
 * Does a thing on many instances: shows what it would do (`--dry-run`), or confirms production, sends one request per
 * target in parallel, waits for what takes longer, and prints a row per target.
 *
 * @returns the exit code: 0, that of the failures, or 8 when some succeeded.
 */
export const actOnMany = async <One extends Target>(
  session: Session,
  targets: readonly One[],
  deed: Deed<One>,
  options: ActOptions,
): Promise<number> => {
  const { client, output } = session;
  if (options.dryRun === true) {
    const previews = await gather(targets, deed.preview);
    return printPlan(
      session,
      previews.map((preview) =>
        preview.ok ? { ...preview.item, would: preview.answer } : toFailure(preview.item, preview.error),
      ),
    );
  }
  if (deed.isGuarded) await confirmProduction(session, targets, deed.words, options.confirm);
  const seconds = options.timeout ?? DEFAULT_TIMEOUT_SECONDS;
  const deadline = Date.now() + seconds * 1_000;
  const isAwaited = options.wait !== false;
  const callOptions = toCallOptions(isAwaited, seconds);
  const showProgress = targets.length > 1 && process.stderr.isTTY && session.options.quiet !== true;
  const settled = await gather(
    targets,
    async (target) => {
      const confirm = deed.isGuarded && target.tier === "production" ? { confirm: target.instance } : {};
      const action = await deed.perform(target, confirm, callOptions);
      return isAwaited ? awaitAction(client, action, deadline) : action;
    },
    (count) => {
      if (showProgress) process.stderr.write(`\r${count} of ${targets.length}${count === targets.length ? "\n" : ""}`);
    },
  );
  const outcomes = settled.map((one) =>
    one.ok ? toOutcome(one.item, one.answer, isAwaited) : toFailure(one.item, one.error),
  );
  await printOutcomes(output, outcomes);
  return combineExitCodes(outcomes.map(({ exitCode }) => exitCode));
};
