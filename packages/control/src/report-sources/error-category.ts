/** Words by which the fixed texts of cwl-airflow are told apart; the first that fits counts. */
const CATEGORIES: readonly (readonly [RegExp, string])[] = [
  [/pull[ -]?(rate[ -]?)?limit/i, "pull_limit"],
  [/docker/i, "docker"],
  [/network|resolve host|connection/i, "network"],
  [/\b(stopped|terminated|killed|sigterm|cancell?ed)\b/i, "stopped"],
  [/^workflow step\(s\)/i, "task"],
];

/** The kind of trouble that an error of an older format tells of; null for one that says no more than its message. */
export const errorCategoryOf = (message: string): string | null =>
  CATEGORIES.find(([pattern]) => pattern.test(message))?.[1] ?? null;
