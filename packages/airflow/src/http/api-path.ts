import { AirfleetError } from "@airfleet/model";

/** A path below the API's root, its ids encoded. Only `path` makes one, so an id can never leave its segment. */
export interface ApiPath {
  readonly text: string;
  /** The same with `{}` for each id: safe as a metric label. */
  readonly template: string;
}

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
export const path = (literals: TemplateStringsArray, ...ids: readonly (string | number)[]): ApiPath => {
  let text = literals[0] ?? "";
  ids.forEach((id, index) => {
    text += encodeSegment(String(id)) + (literals[index + 1] ?? "");
  });
  return { text, template: literals.join("{}") };
};
