import type { Exchange } from "@airfleet/engine";
import type { SentRequest } from "@airfleet/store";
import { REDACTED } from "../audit/redact-secrets.ts";

type Conf = Readonly<Record<string, unknown>>;

/** Shorter texts would blot out ordinary words of an answer, and are no secret. */
const SHORTEST = 4;

/** Every text that the redacted copy no longer shows. */
const hiddenTexts = (whole: unknown, shown: unknown): readonly string[] => {
  if (shown === REDACTED && whole !== REDACTED) return allTexts(whole);
  if (typeof whole !== "object" || whole === null || typeof shown !== "object" || shown === null) return [];
  return Object.entries(whole).flatMap(([name, inner]) => hiddenTexts(inner, (shown as Conf)[name]));
};

const allTexts = (value: unknown): readonly string[] => {
  if (typeof value === "string") return value.length >= SHORTEST ? [value] : [];
  if (typeof value === "number") return String(value).length >= SHORTEST ? [String(value)] : [];
  return typeof value === "object" && value !== null ? Object.values(value).flatMap(allTexts) : [];
};

const parsed = (text: string): unknown => {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
};

/** Keeps what goes out in one attempt at a trigger, without the conf's secrets: engines echo the conf in their answers. */
export interface SentRequests {
  readonly note: (exchange: Exchange) => void;
  list(): readonly SentRequest[];
}

export const collectSentRequests = (conf: Conf, hide: (value: unknown) => unknown): SentRequests => {
  const sent: SentRequest[] = [];
  const secrets = [...new Set(hiddenTexts(conf, hide(conf)))]
    .flatMap((text) => [text, JSON.stringify(text).slice(1, -1)])
    // Longest first: a secret that contains another one must not leave its rest behind.
    .toSorted((left, right) => right.length - left.length);
  const cover = (text: string): string => secrets.reduce((rest, secret) => rest.replaceAll(secret, REDACTED), text);
  const answered = (answer: string | null): string | null => {
    if (answer === null) return null;
    const value = parsed(answer);
    // An answer in JSON keeps its form; the rest is text.
    return cover(typeof value === "object" && value !== null ? JSON.stringify(hide(value)) : answer);
  };
  return {
    note({ at, method, path, body, status, answer, isCut, durationMs, failure }) {
      sent.push({
        at,
        method,
        path,
        request: body === undefined ? null : hide(body),
        status,
        answer: answered(answer),
        isCut,
        durationMs,
        error: failure,
      });
    },
    list: () => sent,
  };
};
