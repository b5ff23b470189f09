import { hashOf } from "../world/chance.ts";
import { json, Refusal } from "../http/answer.ts";

/** One finding of a 422. */
export interface Finding {
  readonly type: string;
  readonly loc: readonly (string | number)[];
  readonly msg: string;
  readonly input: unknown;
  readonly ctx?: Readonly<Record<string, unknown>>;
}

/** Airflow 3's error: `{"detail": text | object | findings}`. */
export const refuse = (status: number, detail: string | object): never => {
  throw new Refusal(json(status, { detail }));
};

export const invalid = (findings: readonly Finding[]): never => refuse(422, findings);

let conflicts = 0;

/** What the database said, made opaque: the same for every unique constraint. */
const databaseDetail = (reason: string): object => ({
  reason,
  statement: "hidden",
  orig_error: "hidden",
  message: `Serious error when handling your request. Check logs for more details - you will find it in api server when you look for ID ${hashOf("conflict", conflicts++).toString(36).padStart(8, "0").slice(0, 8)}`,
});

export const conflict = (): never => refuse(409, databaseDetail("Unique constraint violation"));
export const databaseError = (): never => refuse(500, databaseDetail("Database error"));
export const rejectedByDatabase = (): never => refuse(422, databaseDetail("Value rejected by database"));
