import { parseArgs } from "node:util";
import { EngineToolError, reasonOf } from "../errors.ts";
import { INSTALLABLE, type Installable } from "../install/lock-file.ts";

export type Command =
  | {
      readonly verb: "up";
      readonly airflow2: number;
      readonly airflow3: number;
      readonly dagster: number;
      readonly defaultIntervals: boolean;
      readonly detach: boolean;
      readonly json: boolean;
      readonly dags: string | undefined;
      readonly password: string | undefined;
    }
  | { readonly verb: "down"; readonly ids: readonly string[]; readonly all: boolean }
  | { readonly verb: "status"; readonly json: boolean }
  | { readonly verb: "install"; readonly names: readonly Installable[] }
  | { readonly verb: "clean"; readonly all: boolean }
  | { readonly verb: "logs"; readonly id: string; readonly component: string | undefined; readonly lines: number }
  | { readonly verb: "help" };

const OPTIONS = {
  airflow2: { type: "string" },
  airflow3: { type: "string" },
  dagster: { type: "string" },
  "default-intervals": { type: "boolean" },
  detach: { type: "boolean" },
  json: { type: "boolean" },
  dags: { type: "string" },
  password: { type: "string" },
  all: { type: "boolean" },
  component: { type: "string" },
  lines: { type: "string" },
  help: { type: "boolean", short: "h" },
} as const;

type Values = ReturnType<typeof parseArgs<{ options: typeof OPTIONS; allowPositionals: true }>>["values"];
type Option = keyof typeof OPTIONS;

/** Options of each verb; any other is refused rather than ignored. */
const ALLOWED = {
  up: ["airflow2", "airflow3", "dagster", "default-intervals", "detach", "json", "dags", "password"],
  down: ["all"],
  status: ["json"],
  install: [],
  clean: ["all"],
  logs: ["component", "lines"],
} as const satisfies Record<string, readonly Option[]>;

const refuse = (reason: string): never => {
  throw new EngineToolError("USAGE", { reason });
};

const whole = (
  values: Values,
  option: "airflow2" | "airflow3" | "dagster" | "lines",
  absent: number,
  most: number,
): number => {
  const text = values[option];
  if (text === undefined) return absent;
  const number = /^\d+$/.test(text) ? Number(text) : Number.NaN;
  return number <= most ? number : refuse(`--${option} is "${text}"; a whole number from 0 to ${most} is allowed.`);
};

const isInstallable = (name: string): name is (typeof INSTALLABLE)[number] =>
  INSTALLABLE.some((known) => known === name);

const parseUp = (values: Values, words: readonly string[]): Command => {
  if (words.length > 0) refuse(`up takes no argument, but got "${words.join(" ")}".`);
  // Naming one kind means that one; naming none means a pair of Airflows.
  const isNamed = values.airflow2 !== undefined || values.airflow3 !== undefined || values.dagster !== undefined;
  const absent = isNamed ? 0 : 1;
  const counts = {
    airflow2: whole(values, "airflow2", absent, 9),
    airflow3: whole(values, "airflow3", absent, 9),
    dagster: whole(values, "dagster", 0, 9),
  };
  if (counts.airflow2 + counts.airflow3 + counts.dagster === 0) {
    refuse("Nothing to start: --airflow2, --airflow3 and --dagster are all 0.");
  }
  return {
    verb: "up",
    ...counts,
    defaultIntervals: values["default-intervals"] ?? false,
    detach: values.detach ?? false,
    json: values.json ?? false,
    dags: values.dags,
    password: values.password,
  };
};

const parseDown = (values: Values, ids: readonly string[]): Command => {
  const all = values.all ?? false;
  if (all === ids.length > 0) refuse("down takes the ids of engines, or --all.");
  return { verb: "down", ids, all };
};

const parseInstall = (words: readonly string[]): Command => {
  const names = words.map((name) =>
    isInstallable(name) ? name : refuse(`"${name}" cannot be installed; allowed: ${INSTALLABLE.join(", ")}.`),
  );
  return { verb: "install", names: names.length === 0 ? INSTALLABLE : names };
};

const parseLogs = (values: Values, words: readonly string[]): Command => {
  const [id, ...rest] = words;
  if (id === undefined || rest.length > 0) return refuse("logs takes the id of one engine.");
  return { verb: "logs", id, component: values.component, lines: whole(values, "lines", 100, 1_000_000) };
};

const read = (args: readonly string[]) => {
  try {
    return parseArgs({ args: [...args], options: OPTIONS, allowPositionals: true });
  } catch (error) {
    return refuse(reasonOf(error));
  }
};

/** @throws USAGE saying what is wrong */
export const parseArguments = (args: readonly string[]): Command => {
  const { values, positionals } = read(args);
  const [verb, ...words] = positionals;
  if (values.help === true || verb === undefined || verb === "help") return { verb: "help" };
  if (!Object.hasOwn(ALLOWED, verb))
    return refuse(`"${verb}" is no command; there are ${Object.keys(ALLOWED).join(", ")}.`);
  const known = verb as keyof typeof ALLOWED;
  const allowed: readonly string[] = ALLOWED[known];
  const foreign = Object.keys(values).find((option) => !allowed.includes(option));
  if (foreign !== undefined) return refuse(`${verb} has no option --${foreign}.`);
  switch (known) {
    case "up":
      return parseUp(values, words);
    case "down":
      return parseDown(values, words);
    case "install":
      return parseInstall(words);
    case "logs":
      return parseLogs(values, words);
    case "status":
    case "clean":
      if (words.length > 0) refuse(`${verb} takes no argument, but got "${words.join(" ")}".`);
      return known === "status"
        ? { verb: known, json: values.json ?? false }
        : { verb: known, all: values.all ?? false };
    default:
      return known satisfies never;
  }
};
