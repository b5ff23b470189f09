import { toDagId } from "@airfleet/model";

/**
 * DAGs that the instance must have, not paused unless it says so, with Airflow's rules for upstream failures and tags
 * `conformance` on each but the last.
 */
export const FIXTURES = {
  /** One quick task `a`; description "One quick task that succeeds", doc_md with `airfleet-hash: 3d1f0c9a5be84b7f`, owner `airfleet`, tag `team:x`. */
  ok: toDagId("af_ok"),
  /** Param `n`: integer, 0 to 1000, default 1. Its task `print_conf` prints `conf {…}`. */
  params: toDagId("af_params"),
  /** One task `show`, mapped over 1, 2, 3, printing `map_index=I number=N`. */
  mapped: toDagId("af_mapped"),
  /** `a`, then `group.b`, then `group.c`. */
  chain: toDagId("af_chain"),
  /** `choose` follows `left` and skips `right`; both lead to `join` (none_failed_min_one_success). */
  branch: toDagId("af_branch"),
  /** Paused; one task `a`. */
  paused: toDagId("af_paused"),
  /** Paused; every five minutes; one task `a`. */
  scheduled: toDagId("af_scheduled"),
  /** An id with dots and dashes; one task `task.with-odd_chars`. */
  oddId: toDagId("af_dag_with.odd-chars_1"),
  /** `a` runs for two minutes, then `b`, then `c` (all_done). */
  sleep: toDagId("af_sleep"),
  /** `a` fails; `b` after it; `c` after it (all_done). */
  fail: toDagId("af_fail"),
  /** `a` fails at its first try and succeeds at its second, a second later, printing `try 2 succeeds`. */
  flaky: toDagId("af_flaky"),
  /** `a` runs for five minutes and has two retries. */
  retries: toDagId("af_retries"),
  /** `speak` writes every kind of line; then `stumble` fails with a ValueError. */
  logs: toDagId("af_logs"),
  /** `count` writes 20,000 lines `line 00000 of 20000`. */
  bigLog: toDagId("af_big_log"),
} as const;

export const BIG_LOG_LINES = 20_000;

/** 120 paused DAGs `af_many_000` … with one task `a` and the tag `many`. Claims that change a DAG take one each. */
export const MANY_DAGS = 120;
export const manyDag = (number: number) => toDagId(`af_many_${String(number).padStart(3, "0")}`);

/** A file that was never parsed; its stack trace names a module `a_module_that_does_not_exist`. */
export const BROKEN_FILE = "af_broken.py";
