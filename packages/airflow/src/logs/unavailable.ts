/** Airflow 2 answers 200 with an explanation when there is no log; each explanation starts with stars. */
const STARRED = /^\*{3} ?(.*)$/;
/** Starred lines that tell where a log was found, and so are part of one. */
const FOUND = /^(Found|Reading|\s*\*)/;
const HEADER = /^\s*(INFO - )?::(group|endgroup)::/;

/**
 * Why a text is no log: its own words when it consists of nothing but explanations, null when it is one.
 *
 * Seen on 2.11.2: `*** Log file not found on worker …`, `*** Could not read served logs: Invalid URL …` for a task that
 * never ran, and `Error fetching the logs. Try number 0 is invalid.` without stars.
 */
export const whyNoLog = (lines: readonly string[]): string | null => {
  const said = lines.filter((line) => line.trim() !== "" && !HEADER.test(line));
  if (said.length === 0) return null;
  const [first = ""] = said;
  if (/^(\*{3} )?Error fetching the logs/.test(first)) return first.replace(/^\*{3} /, "");
  const reasons = said.map((line) => STARRED.exec(line)?.[1]);
  if (reasons.some((reason) => reason === undefined || FOUND.test(reason))) return null;
  return reasons.join(" ");
};

const SOURCES_GROUP = "::group::Log message source details";

/**
 * The same for Airflow 3: the lines before the first one with a time are its header, and the group there names the
 * files it read, or why it could not. A task that never ran has a sentence of its own outside that group: that is a log.
 */
export const whyNoStructuredLog = (lines: readonly string[]): string | null => {
  const start = lines.indexOf(SOURCES_GROUP);
  if (start < 0) return null;
  const end = lines.indexOf("::endgroup::", start);
  const rest = end < 0 ? [] : lines.slice(end + 1).filter((line) => line.trim() !== "");
  const sources = lines.slice(start + 1, end < 0 ? undefined : end);
  const refusals = sources.filter((line) => /could not|not found|failed to|invalid url|no logs/i.test(line));
  return rest.length === 0 && refusals.length > 0 && refusals.length === sources.length ? refusals.join(" ") : null;
};
