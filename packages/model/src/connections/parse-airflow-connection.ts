import { AirfleetError } from "../errors/airfleet-error.ts";
import { Connection, CONNECTION_KINDS, type ConnectionKind } from "./connection.ts";

type Fields = Readonly<Record<string, unknown>>;

/** Airflow's types of connection under which one of ours is known. */
const KINDS: Readonly<Record<string, ConnectionKind>> = {
  ...(Object.fromEntries(CONNECTION_KINDS.map((kind) => [kind, kind])) as Record<ConnectionKind, ConnectionKind>),
  postgresql: "postgres",
  mariadb: "mysql",
  https: "http",
};

const isObject = (value: unknown): value is Fields =>
  typeof value === "object" && value !== null && !Array.isArray(value);

const textOrNull = (value: unknown): unknown => (value === undefined || value === "" ? null : value);

const readExtra = (extra: unknown): unknown => {
  if (extra === undefined || extra === null || extra === "") return {};
  return typeof extra === "string" ? JSON.parse(extra) : extra;
};

const fromJson = (text: string): Fields => {
  const fields: unknown = JSON.parse(text);
  if (!isObject(fields)) throw new Error("it is no object");
  const port = fields["port"];
  return {
    kind: fields["conn_type"],
    host: textOrNull(fields["host"]),
    port: typeof port === "string" && port !== "" ? Number(port) : textOrNull(port),
    login: textOrNull(fields["login"]),
    password: textOrNull(fields["password"]),
    schema: textOrNull(fields["schema"]),
    extra: readExtra(fields["extra"]),
  };
};

/** Airflow's URI is no URL to a strict parser: each part is percent-encoded, the host too. */
const URI = /^([a-z][a-z0-9+.-]*):\/\/(?:([^@/?]*)@)?([^/?]*)(?:\/([^?]*))?(?:\?(.*))?$/is;

const decode = (part: string | undefined): string | null =>
  part === undefined || part === "" ? null : decodeURIComponent(part);

const toExtra = (query: string | undefined): unknown => {
  const values = new URLSearchParams(query ?? "");
  const whole = values.get("__extra__");
  return whole === null ? Object.fromEntries(values) : JSON.parse(whole);
};

const fromUri = (text: string): Fields => {
  const [, type = "", user, place = "", schema, query] = URI.exec(text) ?? [];
  if (type === "") throw new Error("it is neither JSON nor of the form type://login:password@host:port/schema");
  const [login, password] = (user ?? "").split(/:(.*)/s);
  // `https://` in the host's place says how an http connection is made: http://https%3A%2F%2Fapi.example.org
  const inner = /^(https?):\/\/(.*)$/is.exec(decode(place) ?? "");
  const [, host = "", port] = /^(.*?)(?::(\d+))?$/s.exec(inner?.[2] ?? place) ?? [];
  const isHttp = KINDS[type.toLowerCase()] === "http";
  const scheme = inner?.[1]?.toLowerCase() ?? (type.toLowerCase() === "https" ? "https" : null);
  return {
    kind: type.toLowerCase().replaceAll("-", "_"),
    host: decode(host),
    port: port === undefined ? null : Number(port),
    login: decode(login),
    password: decode(password),
    schema: decode(schema) ?? (isHttp ? scheme : null),
    extra: toExtra(query),
  };
};

/**
 * Reads a connection as Airflow writes it into `AIRFLOW_CONN_<ID>`: a URI, or a JSON object.
 *
 * @param variable the name of the variable, for the message; its value is never repeated
 * @throws {AirfleetError} CONNECTION_UNREADABLE
 */
export const parseAirflowConnection = (variable: string, text: string): Connection => {
  const refuse = (reason: string, cause?: unknown): AirfleetError =>
    new AirfleetError("CONNECTION_UNREADABLE", { variable, reason }, { cause });
  let fields: Fields;
  try {
    fields = text.trim().startsWith("{") ? fromJson(text) : fromUri(text.trim());
  } catch (error) {
    // The parser's own words may repeat the value, which holds a password.
    throw refuse(error instanceof SyntaxError || error instanceof URIError ? "it cannot be parsed" : String(error));
  }
  const { kind: type, ...rest } = fields;
  const kind = typeof type === "string" ? KINDS[type] : undefined;
  if (kind === undefined) throw refuse(`its type is none of ${CONNECTION_KINDS.join(", ")}`);
  const parsed = Connection.safeParse({ ...rest, kind });
  if (parsed.success) return parsed.data;
  throw refuse(parsed.error.issues.map(({ path, message }) => `${path.join(".")}: ${message}`).join("; "));
};

/** Where a connection is looked for in the environment, the first that is there counts. */
export const connectionVariables = (id: string): readonly string[] => {
  const plain = id.toUpperCase();
  const name = plain.replaceAll(/[^A-Z0-9_]/g, "_");
  return [...new Set([`AIRFLEET_CONN_${name}`, `AIRFLOW_CONN_${plain}`, `AIRFLOW_CONN_${name}`])];
};
