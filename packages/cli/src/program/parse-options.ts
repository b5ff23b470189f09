import { InvalidArgumentError, Option } from "commander";

const UNITS: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3_600 };

/** Seconds from `90`, `90s`, `5m` or `1h`. */
export const parseSeconds = (text: string): number => {
  const [, amount, unit = "s"] = /^(\d{1,7})([smh])?$/.exec(text) ?? [];
  if (amount === undefined) throw new InvalidArgumentError("Give seconds, or a number with s, m or h.");
  return Number(amount) * (UNITS[unit] ?? 1);
};

const UNITS_MS: Readonly<Record<string, number>> = {
  s: 1_000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  w: 604_800_000,
};

/** A time with its zone as it is, or how long ago (`7d`, `12h`) as the time that was. */
export const parseTime = (text: string): string => {
  const [, amount, unit = ""] = /^(\d{1,6})([smhdw])$/.exec(text) ?? [];
  if (amount !== undefined) return new Date(Date.now() - Number(amount) * (UNITS_MS[unit] ?? 0)).toISOString();
  if (/T.*(?:Z|[+-]\d{2}:\d{2})$/i.test(text) && !Number.isNaN(Date.parse(text))) return text;
  throw new InvalidArgumentError("Give a time with its zone (2026-11-20T03:00:00Z), or how long ago (7d, 12h).");
};

/** A parser of whole numbers in a range. */
export const parseWhole =
  (least: number, most: number) =>
  (text: string): number => {
    const value = Number(text);
    if (/^-?\d+$/.test(text) && value >= least && value <= most) return value;
    throw new InvalidArgumentError(`Give a whole number from ${least} to ${most}.`);
  };

/** Collects a list given as `a,b` or by repeating the option. */
export const collect = (text: string, before: readonly string[] | undefined): readonly string[] => [
  ...(before ?? []),
  ...text
    .split(",")
    .map((part) => part.trim())
    .filter((part) => part !== ""),
];

/** The instances a command is about. */
export const clientsOption = (absent: string): Option =>
  new Option("-c, --clients <ids>", `instances, with commas between (default: ${absent})`);

/**
 * Options of every command that acts on instances.
 *
 * @param isGuarded Whether it asks for a confirmation before production is touched; default true.
 */
export const actOptions = ({ isGuarded = true }: { readonly isGuarded?: boolean } = {}): readonly Option[] => [
  new Option("--dry-run", "show what would be done, and do nothing"),
  ...(isGuarded
    ? [new Option("--confirm <text>", 'confirm production: the instance id, or for several "N production"')]
    : []),
  new Option("-y, --yes", `answer yes to questions${isGuarded ? "; production still needs --confirm" : ""}`),
  new Option("--no-wait", "do not wait until it is done"),
  new Option("--timeout <time>", "how long to wait, such as 90s or 5m").argParser(parseSeconds).default(60, "60s"),
];
