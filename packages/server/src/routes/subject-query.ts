import { parseStateWords, type StateWords } from "@airfleet/model";

const UNIT_MS = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;

const isUnit = (text: string): text is keyof typeof UNIT_MS => Object.hasOwn(UNIT_MS, text);

/** `7d` in milliseconds. Its form has been checked by the contract. */
export const toAgeMs = (text: string): number => {
  const unit = text.slice(-1);
  return Number(text.slice(0, -1)) * (isUnit(unit) ? UNIT_MS[unit] : UNIT_MS.s);
};

/** The table that a query asks for. Its form has been checked by the contract. */
export const toStateWords = (text: string | undefined): StateWords | undefined => {
  const words = text === undefined ? undefined : parseStateWords(text);
  return words === undefined || "mistake" in words ? undefined : words;
};
