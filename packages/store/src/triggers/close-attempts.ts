import { sql, type Transaction } from "kysely";
import type { Database } from "../schema.ts";
import { toJsonOrNull } from "../text/stored-json.ts";
import { toStorableOrNull } from "../text/storable-text.ts";

/** One request that went to the engine and what came back. Nothing in it may be secret. */
export interface SentRequest {
  /** Epoch milliseconds. */
  readonly at: number;
  readonly method: string;
  readonly path: string;
  readonly request: unknown;
  /** Null when no answer came. */
  readonly status: number | null;
  readonly answer: string | null;
  readonly isCut: boolean;
  readonly durationMs: number;
  readonly error: string | null;
}

/** What went out for a trigger since its attempt was opened. */
export interface ClosedAttempt {
  readonly trigger: string;
  readonly sent: readonly SentRequest[];
}

type Trx = Transaction<Database>;

const attemptColumns = (one: SentRequest) => ({
  at: one.at,
  method: one.method,
  path: toStorableOrNull(one.path),
  request: toJsonOrNull(one.request),
  status: one.status,
  answer: toStorableOrNull(one.answer),
  is_cut: one.isCut ? 1 : 0,
  duration_ms: Math.round(one.durationMs),
  error: toStorableOrNull(one.error),
});

interface Closed {
  readonly closed_trigger: string;
  readonly sent_at: number;
  readonly sent_method: string;
  readonly sent_path: string | null;
  readonly sent_request: string | null;
  readonly new_status: number | null;
  readonly new_answer: string | null;
  readonly new_cut: number;
  readonly new_duration: number;
  readonly new_error: string | null;
}

const toClosed = (trigger: string, first: SentRequest) => {
  const { at, method, path, request, status, answer, is_cut, duration_ms, error } = attemptColumns(first);
  return sql`(${trigger}, cast(${at} as bigint), ${method}, ${path}, ${request}, cast(${status} as bigint), ${answer},
    cast(${is_cut} as bigint), cast(${duration_ms} as bigint), ${error})`;
};

/** Writes the first request of each over the attempt that was opened when it was about to leave. @returns Its number, by trigger */
const writeFirst = async (
  trx: Trx,
  firsts: readonly (readonly [string, SentRequest])[],
): Promise<ReadonlyMap<string, number>> => {
  if (firsts.length === 0) return new Map();
  const rows = await trx
    .with(
      "closed(closed_trigger, sent_at, sent_method, sent_path, sent_request, new_status, new_answer, new_cut, new_duration, new_error)",
      () => sql<Closed>`(values ${sql.join(firsts.map(([trigger, first]) => toClosed(trigger, first)))})`,
    )
    .updateTable("trigger_attempts")
    .from("closed")
    .set((eb) => ({
      at: eb.ref("closed.sent_at"),
      method: eb.ref("closed.sent_method"),
      path: eb.ref("closed.sent_path"),
      request: eb.ref("closed.sent_request"),
      status: eb.ref("closed.new_status"),
      answer: eb.ref("closed.new_answer"),
      is_cut: eb.ref("closed.new_cut"),
      duration_ms: eb.ref("closed.new_duration"),
      error: eb.ref("closed.new_error"),
    }))
    .whereRef("trigger_attempts.trigger_id", "=", "closed.closed_trigger")
    .where("trigger_attempts.duration_ms", "is", null)
    .returning(["trigger_attempts.trigger_id", "trigger_attempts.number"])
    .execute();
  return new Map(rows.map(({ trigger_id, number }) => [trigger_id, number]));
};

const lastNumbers = async (trx: Trx, triggers: readonly string[]): Promise<ReadonlyMap<string, number>> => {
  if (triggers.length === 0) return new Map();
  const rows = await trx
    .selectFrom("trigger_attempts")
    .select(["trigger_id", (eb) => eb.fn.max("number").as("last")])
    .where("trigger_id", "in", triggers)
    .groupBy("trigger_id")
    .execute();
  return new Map(rows.map(({ trigger_id, last }) => [trigger_id, last]));
};

/** Writes what went out over the attempts that were opened when it was about to, and behind them what went out more. */
export const closeAttempts = async (trx: Trx, closed: readonly ClosedAttempt[]): Promise<void> => {
  const silent = closed.filter(({ sent }) => sent.length === 0).map(({ trigger }) => trigger);
  if (silent.length > 0) {
    await trx
      .deleteFrom("trigger_attempts")
      .where("trigger_id", "in", silent)
      .where("duration_ms", "is", null)
      .execute();
  }
  const firsts = closed.flatMap(({ trigger, sent: [first] }) =>
    first === undefined ? [] : [[trigger, first] as const],
  );
  const opened = await writeFirst(trx, firsts);
  const more = closed.flatMap(({ trigger, sent }) => {
    const rest = opened.has(trigger) ? sent.slice(1) : sent;
    return rest.length === 0 ? [] : [{ trigger, rest }];
  });
  const unopened = more.map(({ trigger }) => trigger).filter((trigger) => !opened.has(trigger));
  const last = new Map([...opened, ...(await lastNumbers(trx, unopened))]);
  const rows = more.flatMap(({ trigger, rest }) =>
    rest.map((one, index) => ({
      trigger_id: trigger,
      number: (last.get(trigger) ?? 0) + index + 1,
      ...attemptColumns(one),
    })),
  );
  if (rows.length > 0) await trx.insertInto("trigger_attempts").values(rows).execute();
};
