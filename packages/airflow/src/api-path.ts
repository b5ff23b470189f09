import type { ApiPath } from "@airfleet/http";
import { AirfleetError } from "@airfleet/model";

const refuse = (value: string, reason: string): never => {
  throw new AirfleetError("ADDRESS_INVALID", { value, reason });
};

const hasControlCharacter = (value: string): boolean => {
  for (let index = 0; index < value.length; index += 1) {
    const code = value.charCodeAt(index);
    if (code < 0x20 || code === 0x7f) return true;
  }
  return false;
};

/** A key that may have slashes of its own: only where both generations route the rest of the path to it. */
export interface SlashedKey {
  readonly slashed: string;
}

/** Marks a variable's or pool's name. */
export const slashed = (key: string): SlashedKey => ({ slashed: key });

/**
 * An id of a DAG, run or task as one path segment. Both generations decode `%2F` before they choose the route:
 * `GET /dags/af_ok%2FdagRuns` answers the runs of af_ok (seen on 2.11.2 and 3.3.2), so an id with a slash would be
 * another path, and is refused. Airflow allows none in DAG and task ids.
 */
const encodeId = (value: string): string => {
  if (value.includes("/")) refuse(value, "it contains a slash, which Airflow reads as the next part of the path");
  return encodeSegment(value);
};

/**
 * One id as one path segment. `~` alone is refused since it means "all" to Airflow, and a named DAG is never addressed
 * by a pattern. Dot segments are refused also behind an encoded slash: some proxies decode and then normalise.
 */
export const encodeSegment = (value: string): string => {
  if (value === "") refuse(value, "it is empty");
  if (value === "~") refuse(value, 'Airflow reads "~" as all');
  if (hasControlCharacter(value)) refuse(JSON.stringify(value), "it contains a control character");
  if (value.split(/[/\\]/).some((part) => part === "." || part === "..")) refuse(value, "it contains a dot segment");
  if (!value.isWellFormed()) refuse(JSON.stringify(value), "it is not well-formed Unicode");
  return encodeURIComponent(value);
};

/** Builds a path: the literal parts as written, every `${id}` encoded as one segment. */
export const path = (literals: TemplateStringsArray, ...ids: readonly (string | number | SlashedKey)[]): ApiPath => {
  let text = literals[0] ?? "";
  ids.forEach((id, index) => {
    text += typeof id === "object" ? encodeSegment(id.slashed) : encodeId(String(id));
    text += literals[index + 1] ?? "";
  });
  return { text, template: literals.join("{}") };
};
