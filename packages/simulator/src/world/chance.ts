const PRIME = 0x01000193;

const addNumber = (hash: number, value: number): number => {
  const low = Math.imul(hash ^ (value >>> 0), PRIME);
  return Math.imul(low ^ Math.floor(value / 0x1_0000_0000) ^ Math.floor((value % 1) * 0x1_0000_0000), PRIME);
};

const addText = (hash: number, text: string): number => {
  let mixed = hash;
  for (let index = 0; index < text.length; index++) mixed = Math.imul(mixed ^ text.charCodeAt(index), PRIME);
  // Parts end in a mark of their own, so that "ab", "c" and "a", "bc" differ.
  return Math.imul(mixed ^ 0x1f, PRIME);
};

/** FNV-1a over the parts: the same parts give the same number on every machine. Makes no garbage: it is asked millions of times. */
export const hashOf = (...parts: readonly (string | number)[]): number => {
  let hash = 0x811c9dc5;
  for (const part of parts) hash = typeof part === "number" ? addNumber(hash, part) : addText(hash, part);
  // One more round of mixing: FNV alone leaves similar texts in similar places.
  hash ^= hash >>> 16;
  hash = Math.imul(hash, 0x85ebca6b);
  hash ^= hash >>> 13;
  hash = Math.imul(hash, 0xc2b2ae35);
  hash ^= hash >>> 16;
  return hash >>> 0;
};

/** A number in [0, 1) that depends on the parts alone. */
export const chanceOf = (...parts: readonly (string | number)[]): number => hashOf(...parts) / 0x1_0000_0000;

/** A stream of numbers in [0, 1) from a seed (mulberry32). */
export const createChance = (seed: number): (() => number) => {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 0x1_0000_0000;
  };
};

const hex = (value: number, width: number): string => value.toString(16).padStart(width, "0");

/** A version 7 UUID for this time: ids of one millisecond are in order of `order` (0 to 4095), the rest is drawn from the parts. */
export const uuidOf = (atMicros: number, order: number, ...parts: readonly (string | number)[]): string => {
  const time = hex(Math.floor(atMicros / 1000), 12);
  const first = hashOf("uuid", ...parts);
  const second = hashOf("uuid2", ...parts);
  const third = hashOf("uuid3", ...parts);
  return `${time.slice(0, 8)}-${time.slice(8)}-7${hex(order & 0xfff, 3)}-${hex(0x8000 | (second & 0x3fff), 4)}-${hex(third, 8)}${hex(first >>> 16, 4)}`;
};
