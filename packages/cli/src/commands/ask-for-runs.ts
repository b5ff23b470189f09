import { randomUUID } from "node:crypto";
import { setTimeout as pause } from "node:timers/promises";
import type { CallInput, CallOptions, Client } from "@airfleet/sdk";
import { usageFailure } from "../failure/cli-failure.ts";
import { combineExitCodes, EXIT, toExitCode } from "../failure/exit-codes.ts";
import { chooseDagTargets } from "../fleet/choose-dag-targets.ts";
import type { NamedSubject } from "../program/parse-subject.ts";
import type { Session } from "../session/session.ts";
import { triggerColumns } from "./triggers.ts";

type Body = NonNullable<CallInput<"createTriggers">["body"]>;
type Answer = Awaited<ReturnType<Client["createTriggers"]>>;
type Trigger = Answer["items"][number];
type Goal = NonNullable<Body["wait_for"]>;

/** Options by which `trigger` asks for runs that are recorded first, and tried again until their time is over. */
export interface DurableOptions {
  readonly clients?: string;
  readonly instance?: readonly string[];
  readonly selector?: string;
  readonly subject?: readonly NamedSubject[];
  readonly runIdPrefix?: string;
  readonly at?: string;
  readonly unpause?: boolean;
  readonly acceptScheduledRun?: boolean;
  readonly batch?: string;
  readonly key?: string;
  readonly idempotencyKey?: string;
  readonly dryRun?: boolean;
  /** A goal, or false with --no-wait. */
  readonly wait?: Goal | boolean;
  /** Seconds. */
  readonly timeout?: number;
}

/** Whether any option was given that only a recorded trigger knows. */
export const isDurable = (options: DurableOptions): boolean =>
  typeof options.wait === "string" ||
  [
    options.instance,
    options.selector,
    options.subject,
    options.runIdPrefix,
    options.at,
    options.unpause,
    options.batch,
    options.key,
  ].some((option) => option !== undefined);

const LOOK_MS = 1_000;
const SERVER_WAIT_SECONDS = 25;
const DEFAULT_TIMEOUT_SECONDS = 60;
/** Items that the server takes at once. */
const BATCH = 1_000;
const MAY_GO_ON: ReadonlySet<string> = new Set(["pending", "sending"]);
const ENDED: ReadonlySet<string> = new Set(["success", "failed", "cancelled", "lost"]);

const hasEnded = (trigger: Trigger, goal: Goal): boolean =>
  !MAY_GO_ON.has(trigger.state) &&
  (goal === "accepted" || trigger.state !== "accepted" || ENDED.has(trigger.run?.state ?? ""));

const exitCodeOf = (trigger: Trigger, goal: Goal, isAwaited: boolean): number => {
  if (!isAwaited) return EXIT.ok;
  if (!hasEnded(trigger, goal)) return EXIT.timeout;
  if (trigger.error !== null) return toExitCode(trigger.error.code);
  const isGood = goal === "accepted" || trigger.run?.state === "success";
  return trigger.state === "accepted" && isGood ? EXIT.ok : EXIT.failure;
};

interface Waiting {
  readonly goal: Goal;
  readonly isAwaited: boolean;
  /** Epoch milliseconds. */
  readonly deadline: number;
  readonly call: CallOptions;
}

const toWaiting = ({ wait, timeout }: DurableOptions): Waiting => {
  const goal = typeof wait === "string" ? wait : "accepted";
  const isAwaited = wait !== false;
  const seconds = timeout ?? DEFAULT_TIMEOUT_SECONDS;
  const prefer = isAwaited ? { wait: Math.min(seconds, SERVER_WAIT_SECONDS) } : ("respond-async" as const);
  return { goal, isAwaited, deadline: Date.now() + seconds * 1_000, call: { prefer } };
};

/** Looks at the triggers of a request until all have ended or the time is up. */
const follow = async (client: Client, asked: readonly Trigger[], waiting: Waiting): Promise<readonly Trigger[]> => {
  let triggers = asked;
  const [{ request_id: requestId } = { request_id: "" }] = triggers;
  const goesOn = (): boolean => triggers.some((trigger) => !hasEnded(trigger, waiting.goal));
  while (waiting.isAwaited && goesOn() && Date.now() + LOOK_MS < waiting.deadline) {
    await pause(LOOK_MS);
    const read = await Array.fromAsync(
      client.items("listTriggers", { query: { request_id: requestId, limit: 1_000 } }),
    );
    const now = new Map(read.map((trigger) => [trigger.id, trigger]));
    triggers = triggers.map((trigger) => now.get(trigger.id) ?? trigger);
  }
  return triggers;
};

const print = async (
  { output }: Session,
  triggers: readonly Trigger[],
  { goal, isAwaited }: Waiting,
): Promise<readonly number[]> => {
  await output.list({ columns: triggerColumns, rows: triggers, nameOf: (row) => row.dag_run_id });
  const codes = triggers.map((trigger) => exitCodeOf(trigger, goal, isAwaited));
  for (const [index, trigger] of triggers.entries()) {
    if (codes[index] === EXIT.ok) continue;
    const { code, message } = trigger.error ?? { code: trigger.run?.state ?? trigger.state, message: "" };
    const hint = codes[index] === EXIT.timeout ? `look again with: airfleet triggers show ${trigger.id}` : message;
    output.warn(`airfleet: ${trigger.instance}: ${code}: ${hint}`);
  }
  return codes;
};

/** What the common options say, in the API's words. */
export type CommonBody = Pick<Body, "conf" | "logical_date" | "dag_run_id" | "note">;

const toBody = (common: CommonBody, options: DurableOptions, goal: Goal): Omit<Body, "dag_id"> => ({
  ...common,
  ...(options.subject !== undefined && { subjects: [...options.subject] }),
  ...(options.runIdPrefix !== undefined && { dag_run_id_prefix: options.runIdPrefix }),
  ...(options.at !== undefined && { run_after: options.at }),
  ...(options.unpause !== undefined && { unpause: options.unpause }),
  ...(options.acceptScheduledRun !== undefined && { accept_scheduled_run: options.acceptScheduledRun }),
  wait_for: goal,
});

/** Where runs are to start is said in one way: of two, one would be passed over. */
const checkPlaces = ({ clients, instance, selector, batch }: DurableOptions): void => {
  const given = { "--batch": batch, "--clients": clients, "--instance": instance, "--selector": selector };
  const names = Object.entries(given).flatMap(([name, value]) => (value === undefined ? [] : [name]));
  if (names.length > 1) throw usageFailure(`${names.join(" and ")} do not go together.`, "Leave one of them.");
};

/** Asks for runs of one DAG. @returns the exit code */
export const askForRuns = async (
  session: Session,
  dagId: string,
  { common, options }: { readonly common: CommonBody; readonly options: DurableOptions },
): Promise<number> => {
  checkPlaces(options);
  if (options.dryRun === true) throw usageFailure("--dry-run shows only what --clients picks.", "Leave one of them.");
  const waiting = toWaiting(options);
  const named = options.instance ?? (options.selector === undefined ? undefined : null);
  const found = named === undefined ? await chooseDagTargets(session, dagId, options.clients, { isActing: true }) : [];
  const instances = named ?? found.map(({ instance }) => instance);
  const where = options.selector === undefined ? { instances: [...instances] } : { selector: options.selector };
  const body = { ...toBody(common, options, waiting.goal), ...where, dag_id: dagId };
  const idempotencyKey = options.key ?? options.idempotencyKey ?? randomUUID();
  const { items } = await session.client.createTriggers({ body }, { ...waiting.call, idempotencyKey });
  return combineExitCodes(await print(session, await follow(session.client, items, waiting), waiting));
};

/** Asks for the runs of a file, an item per line. @returns the exit code */
export const askForMany = async (
  session: Session,
  lines: readonly unknown[],
  options: DurableOptions,
): Promise<number> => {
  checkPlaces(options);
  if (options.dryRun === true) throw usageFailure("--dry-run does not go with --batch.", "Nothing was asked for.");
  const waiting = toWaiting(options);
  const key = options.key ?? options.idempotencyKey ?? randomUUID();
  const codes: number[] = [];
  for (let start = 0; start < lines.length; start += BATCH) {
    const body = { items: lines.slice(start, start + BATCH), wait_for: waiting.goal };
    const idempotencyKey = `${key}#${start}`;
    const answer = await session.client.createTriggerBatch({ body }, { ...waiting.call, idempotencyKey });
    const triggers = await follow(
      session.client,
      answer.items.flatMap((item) => item.triggers),
      waiting,
    );
    codes.push(...(await print(session, triggers, waiting)));
    for (const { index, error } of answer.items) {
      if (error === null) continue;
      session.output.warn(`airfleet: line ${start + index + 1}: ${error.code}: ${error.message}`);
      codes.push(toExitCode(error.code));
    }
  }
  return combineExitCodes(codes);
};
