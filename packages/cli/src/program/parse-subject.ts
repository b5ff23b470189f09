import { InvalidArgumentError } from "commander";

/** An object that a run is about. */
export interface NamedSubject {
  readonly type: string;
  readonly id: string;
}

/** `type/id` or `type:id`: the first of the two signs parts them, the id may hold more of both. */
export const parseSubject = (text: string): NamedSubject => {
  const at = text.search(/[/:]/);
  if (at > 0 && at < text.length - 1) return { type: text.slice(0, at), id: text.slice(at + 1) };
  throw new InvalidArgumentError("Write type/id, such as finding-aid/123.");
};

/** The same for an option that may be repeated. */
export const collectSubjects = (text: string, before: readonly NamedSubject[] | undefined): readonly NamedSubject[] => [
  ...(before ?? []),
  parseSubject(text),
];
