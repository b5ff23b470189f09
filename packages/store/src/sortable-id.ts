import { randomBytes } from "node:crypto";
import type { Clock } from "./clock.ts";

/** Crockford's alphabet, lower case: no i, l, o, u, and in the order of its bytes. */
const ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz";
const TIME_DIGITS = 10;
const RANDOM_DIGITS = 16;

const toDigits = (value: number, count: number): string => {
  let rest = value;
  let text = "";
  for (let index = 0; index < count; index += 1) {
    text = ALPHABET.charAt(rest % 32) + text;
    rest = Math.floor(rest / 32);
  }
  return text;
};

const randomDigits = (): number[] => Array.from(randomBytes(RANDOM_DIGITS), (byte) => byte % 32);

/** Adds one to a number written as digits of base 32; false when it was the last. */
const increment = (digits: number[]): boolean => {
  for (let index = digits.length - 1; index >= 0; index -= 1) {
    const digit = digits[index] ?? 0;
    if (digit < 31) {
      digits[index] = digit + 1;
      return true;
    }
    digits[index] = 0;
  }
  return false;
};

/**
 * Makes ids whose order of text is the order they were made in, within this process, and nearly so between processes:
 * 48 bits of time, then 80 bits of chance that count up within a millisecond (the layout of ULID).
 */
export const createSortableIds = (clock: Clock): ((prefix: string) => string) => {
  let lastTime = 0;
  let digits = randomDigits();
  return (prefix) => {
    const time = clock();
    if (time > lastTime || !increment(digits)) {
      lastTime = Math.max(time, lastTime + 1);
      digits = randomDigits();
    }
    return `${prefix}_${toDigits(lastTime, TIME_DIGITS)}${digits.map((digit) => ALPHABET.charAt(digit)).join("")}`;
  };
};
