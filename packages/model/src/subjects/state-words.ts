import { RUN_STATES, type RunState } from "../states/run-state.ts";

/** A word of somebody else's for each of our run states. */
export type StateWords = Readonly<Record<RunState, string>>;

/**
 * Tables that are there by name.
 *
 *  - `airfleet`: our own words.
 *  - `cinco`: the job runs of django-airflow-client, `running succeeded failed`; whatever has not ended is running.
 *  - `logidata`: the executions of LogiData, `pending running success failed cancelled unknown`.
 */
export const STATE_WORD_TABLES = {
  airfleet: {
    queued: "queued",
    running: "running",
    success: "success",
    failed: "failed",
    cancelled: "cancelled",
    lost: "lost",
  },
  cinco: {
    queued: "running",
    running: "running",
    success: "succeeded",
    failed: "failed",
    cancelled: "failed",
    lost: "failed",
  },
  logidata: {
    queued: "pending",
    running: "running",
    success: "success",
    failed: "failed",
    cancelled: "cancelled",
    lost: "unknown",
  },
} as const satisfies Readonly<Record<string, StateWords>>;
export type StateWordTable = keyof typeof STATE_WORD_TABLES;

const WORD = /^[A-Za-z0-9][A-Za-z0-9 _.-]{0,63}$/;

const isTable = (name: string): name is StateWordTable => Object.hasOwn(STATE_WORD_TABLES, name);
const isRunState = (name: string): name is RunState => (RUN_STATES as readonly string[]).includes(name);

const oneTable = `one of ${Object.keys(STATE_WORD_TABLES).join(", ")}, or ${RUN_STATES.map((state) => `${state}=word`).join(",")}`;

/**
 * A table by its name, or one's own as `queued=waiting,running=busy,…`, which must have a word for every state: a state
 * without one would be shown as nothing.
 *
 * @returns the table, or what is wrong with the text
 */
export const parseStateWords = (text: string): StateWords | { readonly mistake: string } => {
  if (isTable(text)) return STATE_WORD_TABLES[text];
  if (!text.includes("=")) return { mistake: `"${text}" is no table of state words. Give ${oneTable}` };
  const words: Partial<Record<RunState, string>> = {};
  for (const pair of text.split(",")) {
    const at = pair.indexOf("=");
    const state = pair.slice(0, Math.max(0, at)).trim();
    const word = pair.slice(at + 1).trim();
    if (at === -1 || !isRunState(state)) return { mistake: `"${pair}" names no run state. Give ${oneTable}` };
    if (!WORD.test(word)) return { mistake: `"${word}" is no word for ${state}: letters, digits, space, _ . - are` };
    if (words[state] !== undefined) return { mistake: `${state} has two words` };
    words[state] = word;
  }
  const missing = RUN_STATES.filter((state) => words[state] === undefined);
  return missing.length === 0
    ? (words as StateWords)
    : { mistake: `there is no word for ${missing.join(", ")}. Give ${oneTable}` };
};
