import { SUBJECT_ID_LIMIT, SUBJECT_TYPE_PATTERN, type SubjectRef } from "../work/subject.ts";

/** Longest label that is kept. */
export const SUBJECT_LABEL_LIMIT = 500;
/** Longest link to an owner's page. */
export const SUBJECT_URL_LIMIT = 2_000;

/** Tabs and line ends would break lists and logs; NUL cannot be stored. */
const CONTROL_CHARACTER = /\p{Cc}/u;

/** What is wrong with a subject's id; null when nothing is. */
export const subjectIdMistake = (id: string): string | null => {
  if (id === "") return "is empty";
  if (id.length > SUBJECT_ID_LIMIT) return `has ${id.length} characters; at most ${SUBJECT_ID_LIMIT} are kept`;
  if (!id.isWellFormed()) return "holds half a character (a lone surrogate)";
  return CONTROL_CHARACTER.test(id) ? "holds a control character" : null;
};

/** What is wrong with the link to an owner's page; null when nothing is. Only http and https: a page shows it as a link. */
export const subjectUrlMistake = (url: string): string | null => {
  if (url.length > SUBJECT_URL_LIMIT) return `has ${url.length} characters; at most ${SUBJECT_URL_LIMIT} are kept`;
  if (!/^https?:\/\//i.test(url) || !URL.canParse(url)) return "is not an http or https address";
  const { username, password } = new URL(url);
  return username === "" && password === "" ? null : "holds a user name or password";
};

/** What is wrong with a subject as a whole, naming the field; null when nothing is. */
export const subjectRefMistake = ({ type, id, label, url }: SubjectRef): string | null => {
  if (!SUBJECT_TYPE_PATTERN.test(type))
    return `type "${type}" is not a lower-case word (${SUBJECT_TYPE_PATTERN.source})`;
  const inId = subjectIdMistake(id);
  if (inId !== null) return `id ${inId}`;
  if (typeof label === "string" && label.length > SUBJECT_LABEL_LIMIT) {
    return `label has ${label.length} characters; at most ${SUBJECT_LABEL_LIMIT} are kept`;
  }
  const inUrl = typeof url === "string" ? subjectUrlMistake(url) : null;
  return inUrl === null ? null : `url ${inUrl}`;
};
