import { ENGINE_KINDS, TIERS } from "../instance/instance-config.ts";
import { RUN_STATES } from "../states/run-state.ts";
import { RUN_TYPES } from "../work/run.ts";
import type { SelectorScope } from "./selector.ts";

/**
 * What may be written after a key.
 *
 *  - `glob`: names, `*` for any text · `word`: one of a list, `*` for any text · `text`: the very text
 *  - `moment`: a time with a zone, or how long ago (`7d`) · `span`: how long (`10m`) · `flag`: nothing
 */
export type SelectorValueKind = "glob" | "word" | "text" | "moment" | "span" | "flag";

export interface SelectorKey {
  /** What it is about: a selector of DAGs may also speak of their instances, one of runs of all. */
  readonly about: SelectorScope;
  readonly kind: SelectorValueKind;
  readonly words?: readonly string[];
  /** `label.<name>`: a name must follow a dot. */
  readonly named?: boolean;
  /** Only `=`, with one value: an index answers it, and nothing else could. */
  readonly single?: boolean;
}

/** Every key. */
export const SELECTOR_KEYS: Readonly<Record<string, SelectorKey>> = {
  instance: { about: "instances", kind: "glob" },
  engine: { about: "instances", kind: "word", words: ENGINE_KINDS },
  tier: { about: "instances", kind: "word", words: TIERS },
  label: { about: "instances", kind: "glob", named: true },
  version: { about: "instances", kind: "glob" },
  dag: { about: "dags", kind: "glob" },
  tag: { about: "dags", kind: "glob" },
  owner: { about: "dags", kind: "glob" },
  paused: { about: "dags", kind: "flag" },
  stale: { about: "dags", kind: "flag" },
  broken: { about: "dags", kind: "flag" },
  state: { about: "runs", kind: "word", words: RUN_STATES },
  type: { about: "runs", kind: "word", words: RUN_TYPES },
  subject: { about: "runs", kind: "text", single: true },
  conf: { about: "runs", kind: "text", named: true, single: true },
  note: { about: "runs", kind: "text", single: true },
  run: { about: "runs", kind: "text", single: true },
  trigger: { about: "runs", kind: "text", single: true },
  since: { about: "runs", kind: "moment", single: true },
  due: { about: "runs", kind: "moment" },
  started: { about: "runs", kind: "moment" },
  ended: { about: "runs", kind: "moment" },
  duration: { about: "runs", kind: "span" },
  later_success: { about: "runs", kind: "flag" },
};

const REACH: Readonly<Record<SelectorScope, readonly SelectorScope[]>> = {
  instances: ["instances"],
  dags: ["instances", "dags"],
  runs: ["instances", "dags", "runs"],
};

/** Whether a key says something about what is picked. */
export const appliesTo = (key: SelectorKey, scope: SelectorScope): boolean => REACH[scope].includes(key.about);

/** The keys that may be used in a scope, as they are written. */
export const selectorKeysOf = (scope: SelectorScope): readonly string[] =>
  Object.entries(SELECTOR_KEYS)
    .filter(([, key]) => appliesTo(key, scope))
    .map(([name, key]) => (key.named === true ? `${name}.<name>` : name));
