import { hash } from "node:crypto";
import type { SubjectRef } from "@airfleet/model";
import { toStorableText } from "../text/storable-text.ts";

/** What names a subject. */
export type SubjectName = Pick<SubjectRef, "type" | "id">;

/** Characters of an id that lists are ordered by. */
const SORTED_CHARACTERS = 200;

/** Tells subjects apart whatever the length of their ids. */
export const subjectHash = ({ type, id }: SubjectName): string =>
  hash("sha256", JSON.stringify([type, id]), "base64url").slice(0, 27);

/** The beginning of an id. Cut between characters, not within one. */
export const sortId = (id: string): string => {
  if (id.length <= SORTED_CHARACTERS) return toStorableText(id);
  const start = Array.from(id.slice(0, SORTED_CHARACTERS + 1)).slice(0, SORTED_CHARACTERS);
  return toStorableText(start.join(""));
};
