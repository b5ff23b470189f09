import { toBase32 } from "@airfleet/model";
import { createHash } from "node:crypto";
import { type ExecutionDate, executionDateNow, parseExecutionDate, withoutMicroseconds } from "./execution-date.ts";
import { ExperimentalRefusal } from "./refusal.ts";

type Fields = Readonly<Record<string, unknown>>;

/** What is asked for when a run is to be started. */
export interface TriggerFields {
  /** Undefined when the caller leaves it to us. */
  readonly runId: string | undefined;
  readonly conf: Fields;
  /** Undefined when the caller names none. */
  readonly date: ExecutionDate | undefined;
  readonly replacesMicroseconds: boolean;
}

const NO_CONF = "Dag Run conf must be a dictionary object, other types are not supported";

const isObject = (value: unknown): value is Fields =>
  typeof value === "object" && value !== null && !Array.isArray(value);

const parseText = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    throw new ExperimentalRefusal(400, NO_CONF);
  }
};

/** The older versions take a text that holds an object, the later ones the object; both are taken here. */
const readConf = (value: unknown): Fields => {
  if (value === undefined || value === null || value === "") return {};
  const conf = typeof value === "string" ? parseText(value) : value;
  if (isObject(conf)) return conf;
  throw new ExperimentalRefusal(400, NO_CONF);
};

const readRunId = (value: unknown): string | undefined => {
  if (value === undefined || value === null || value === "") return undefined;
  if (typeof value === "string") return value;
  throw new ExperimentalRefusal(400, `Run id must be a string, and ${JSON.stringify(value)} is none`);
};

/** What the original takes for true; everything else is false. */
const TRUE: ReadonlySet<string> = new Set(["true", "t", "yes", "y", "on", "1"]);

const isTrue = (value: unknown): boolean =>
  typeof value === "string" ? TRUE.has(value.toLowerCase()) : value === true || value === 1;

/** @throws {ExperimentalRefusal} in the original's words */
export const readTriggerFields = (body: Fields): TriggerFields => {
  const { execution_date: asked, replace_microseconds: replaces } = body;
  const date = asked === undefined || asked === null ? undefined : parseExecutionDate(asked);
  return {
    runId: readRunId(body["run_id"]),
    conf: readConf(body["conf"]),
    date,
    replacesMicroseconds: replaces === undefined || replaces === null ? date === undefined : isTrue(replaces),
  };
};

/** The date that a run is about, as the original chooses it: the second of the request, when none is named. */
export const chooseDate = (
  { date, replacesMicroseconds }: Pick<TriggerFields, "date" | "replacesMicroseconds">,
  nowMs: number,
): ExecutionDate => {
  const chosen = date ?? executionDateNow(nowMs);
  return replacesMicroseconds ? withoutMicroseconds(chosen) : chosen;
};

/**
 * The run id of a signed request that names neither run nor date: the same for the same fields, so that a request which
 * was read on its way starts nothing when it is sent again.
 */
export const runIdOfSigned = (body: Fields): string => {
  const { check_payload: _older, token: _newer, ...signed } = body;
  const names = Object.keys(signed).sort();
  const text = JSON.stringify(names.map((name) => [name, signed[name]]));
  return `manual__${toBase32(createHash("sha256").update(text).digest())}`;
};
