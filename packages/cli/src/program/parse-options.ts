import { InvalidArgumentError, Option } from "commander";

const UNITS: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3_600 };

/** Seconds from `90`, `90s`, `5m` or `1h`. */
export const parseSeconds = (text: string): number => {
  const [, amount, unit = "s"] = /^(\d{1,7})([smh])?$/.exec(text) ?? [];
  if (amount === undefined) throw new InvalidArgumentError("Give seconds, or a number with s, m or h.");
  return Number(amount) * (UNITS[unit] ?? 1);
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

/** Options of every command that acts on instances. */
export const actOptions = (): readonly Option[] => [
  new Option("--dry-run", "show what would be done, and do nothing"),
  new Option("--confirm <text>", 'confirm production: the instance id, or for several "N production"'),
  new Option("-y, --yes", "answer yes to questions; production still needs --confirm"),
  new Option("--no-wait", "do not wait until it is done"),
  new Option("--timeout <time>", "how long to wait, such as 90s or 5m").argParser(parseSeconds).default(60, "60s"),
];
