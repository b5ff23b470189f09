import { SeedRefusal } from "./seed-error.ts";

/**
 * A whole number of the query; undefined when absent.
 *
 * @throws {SeedRefusal} for anything else than one whole number within the bounds
 */
export const readWholeNumber = (
  query: Readonly<Record<string, unknown>>,
  name: string,
  { least, most }: { readonly least: number; readonly most: number },
): number | undefined => {
  const value = query[name];
  if (value === undefined) return undefined;
  const number = typeof value === "string" && /^-?\d{1,9}$/.test(value) ? Number(value) : Number.NaN;
  if (number >= least && number <= most) return number;
  throw new SeedRefusal(`Invalid ${name}. Must be a whole number from ${least} to ${most}`);
};

/**
 * `?strict=true`: unknown clients are refused, and the HTTP status tells the outcome.
 *
 * @throws {SeedRefusal} for anything else than true or false: who writes `strict=1` means it
 */
export const isStrict = ({ strict }: Readonly<Record<string, unknown>>): boolean => {
  if (strict === undefined || strict === "true" || strict === "false") return strict === "true";
  throw new SeedRefusal("Invalid strict. Must be true or false");
};
