import assert from "node:assert/strict";
import { AirfleetError, type ErrorCode } from "@airfleet/model";
import type { Page } from "../call-options.ts";

/** The call must fail with one of these codes. @returns the error, to look at its words */
export const refuses = async (call: () => Promise<unknown>, ...codes: readonly ErrorCode[]): Promise<AirfleetError> => {
  try {
    await call();
  } catch (error) {
    assert.ok(error instanceof AirfleetError, `not a coded error: ${String(error)}`);
    assert.ok(codes.includes(error.code), `${error.code} instead of ${codes.join(" or ")}: ${error.message}`);
    return error;
  }
  return assert.fail(`was accepted; ${codes.join(" or ")} expected`);
};

/** Walks all pages, with a bound so that a list without end fails instead of hanging. */
export const allPages = async <Item>(read: (after: string | undefined) => Promise<Page<Item>>): Promise<Item[]> => {
  const items: Item[] = [];
  let after: string | undefined;
  for (let pages = 0; pages < 500; pages += 1) {
    const page = await read(after);
    items.push(...page.items);
    if (page.next === null) return items;
    after = page.next;
  }
  return assert.fail("500 pages and no end");
};

/** Everything an async iterable gives. */
export const collect = async <Item>(source: AsyncIterable<Item>): Promise<Item[]> => {
  const items: Item[] = [];
  for await (const item of source) items.push(item);
  return items;
};

/** Present, for the compiler as well. */
export const present = <Value>(value: Value | null | undefined, what: string): Value =>
  value ?? assert.fail(`${what} is missing`);
