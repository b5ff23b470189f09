import { expect, test } from "vitest";
import { boundLog } from "../src/steps/bounded-log.ts";

const MORE = "(More was written than the 10 characters that are kept of one try.)";

test.each([
  ["nothing is said of a log that fits", ["abc", "def"], ["abc", "def"]],
  ["what ends at the limit is cut with the next line", ["abcd", "efgh", "i", "j"], ["abcd", "efgh", MORE]],
  ["a line that is too long is cut", ["abcdefghijklmnop", "x"], ["abcdefghij", MORE]],
])("%s", (_title, lines, expected) => {
  const seen: string[] = [];
  const log = boundLog(10, (line) => seen.push(line));
  for (const line of lines) log(line);
  expect(seen).toEqual(expected);
});
