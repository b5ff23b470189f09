import { describe, expect, it } from "vitest";
import { gatherWrites } from "../src/backend/gather-writes.ts";

/** A write that ends when it is told to, and what was written so far. */
const openWrites = (options: { readonly poison?: string; readonly largest?: number } = {}) => {
  const groups: (readonly string[])[] = [];
  const ends: (() => void)[] = [];
  const write = async (items: readonly string[]): Promise<readonly string[]> => {
    groups.push(items);
    await new Promise<void>((resolve) => ends.push(resolve));
    if (items.some((item) => item === options.poison)) throw new Error("cannot be written");
    return items.map((item) => `${item}!`);
  };
  const bring = gatherWrites({ write, keyOf: (item) => item.charAt(0), largest: options.largest ?? 16 });
  const endNext = async (): Promise<void> => {
    await expect.poll(() => ends.length).toBeGreaterThan(0);
    ends.shift()?.();
  };
  return { bring, groups, endNext };
};

describe("writes that are gathered", () => {
  it("writes who comes alone at once, and together who comes meanwhile", async () => {
    const { bring, groups, endNext } = openWrites();
    const first = bring("a");
    await expect.poll(() => groups).toEqual([["a"]]);
    const others = [bring("b"), bring("c"), bring("d")];
    await endNext();
    expect(await first).toBe("a!");
    await endNext();
    expect(await Promise.all(others)).toEqual(["b!", "c!", "d!"]);
    expect(groups).toEqual([["a"], ["b", "c", "d"]]);
  });

  it("never writes two of one key together, nor more than the largest group", async () => {
    const { bring, groups, endNext } = openWrites({ largest: 2 });
    const all = [bring("a1"), bring("a2"), bring("b"), bring("c")];
    for (let count = 0; count < 2; count += 1) await endNext();
    expect(await Promise.all(all)).toEqual(["a1!", "a2!", "b!", "c!"]);
    expect(groups).toEqual([
      ["a1", "b"],
      ["a2", "c"],
    ]);
  });

  it("lets one that cannot be written stop no other", async () => {
    const { bring, groups, endNext } = openWrites({ poison: "b" });
    const all = [bring("a"), bring("b"), bring("c")].map((one) => one.catch((error: Error) => error.message));
    for (let count = 0; count < 4; count += 1) await endNext();
    expect(await Promise.all(all)).toEqual(["a!", "cannot be written", "c!"]);
    expect(groups).toEqual([["a", "b", "c"], ["a"], ["b"], ["c"]]);
  });
});
