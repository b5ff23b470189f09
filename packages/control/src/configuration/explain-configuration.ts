import { type LoadedConfiguration } from "./load-configuration.ts";

/** One configured value and where it comes from. */
export interface ExplainedValue {
  /** Dotted, as in `server.port` or `instances.eu.url`. */
  readonly key: string;
  readonly value: string;
  readonly source: string;
}

const HIDDEN = "(hidden)";
/** Fields that hold a secret when they hold a text. */
const SECRET_KEYS =
  /(^|\.)(password|token|secret_access_key|access_key_id|session_token|(auth|tls)\.key)$|(^|\.)(headers|auth\.env)\./;

/** A connection URL without what identifies us there. */
const hideUrl = (text: string): string => {
  try {
    const url = new URL(text);
    return `${url.protocol}//${HIDDEN}@${url.host}${url.pathname}`;
  } catch {
    return HIDDEN;
  }
};

const isReference = (value: object): boolean => {
  const keys = Object.keys(value);
  return keys.length === 1 && (keys[0] === "env" || keys[0] === "file") && typeof Object.values(value)[0] === "string";
};

const show = (key: string, value: unknown): string => {
  if (key === "store.url" && typeof value === "string") return hideUrl(value);
  if (SECRET_KEYS.test(key) && typeof value === "string") return HIDDEN;
  return typeof value === "string" ? value : JSON.stringify(value);
};

const flatten = (key: string, value: unknown): readonly (readonly [string, string])[] =>
  typeof value === "object" && value !== null && !Array.isArray(value) && !isReference(value)
    ? Object.entries(value).flatMap(([name, inner]: [string, unknown]) => flatten(`${key}.${name}`, inner))
    : value === undefined
      ? []
      : [[key, show(key, value)]];

/** Every value in force with its source; secrets are hidden, references to them are shown. */
export const explainConfiguration = ({
  settings,
  origins,
  instances,
}: LoadedConfiguration): readonly ExplainedValue[] => [
  ...Object.entries(settings).flatMap(([section, values]: [string, unknown]) =>
    flatten(section, values).map(([key, value]) => ({ key, value, source: origins[key] ?? "default" })),
  ),
  ...instances.flatMap(({ config, place }) =>
    flatten(`instances.${config.id}`, config).map(([key, value]) => ({ key, value, source: place })),
  ),
];
