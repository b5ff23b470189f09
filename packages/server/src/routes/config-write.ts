import type { RouteRequest, ROUTES } from "@airfleet/contract";
import { AirfleetError, type ConfigEntryWrite, type ConfigKind } from "@airfleet/model";
import { given } from "./given.ts";

type Body = RouteRequest<typeof ROUTES.putInstanceConfig>["body"];
type Field = Exclude<keyof Body, "confirm">;

const FIELDS = {
  variable: ["value", "description"],
  connection: ["conn_type", "host", "schema", "login", "password", "port", "extra", "description"],
  pool: ["slots", "description"],
} as const satisfies Record<ConfigKind, readonly Field[]>;

const NEEDED = { variable: "value", connection: "conn_type", pool: "slots" } as const satisfies Record<
  ConfigKind,
  Field
>;

/** Where an entry is to be written. */
interface Place {
  readonly instance: string;
  readonly kind: ConfigKind;
  readonly key: string;
}

const refuse = (place: Place, reason: string): never => {
  throw new AirfleetError("CONFIG_ENTRY_INVALID", { ...place, reason });
};

const check = (place: Place, body: Body): void => {
  const { kind } = place;
  const known: readonly string[] = FIELDS[kind];
  const foreign = Object.entries(body)
    .filter(([name, value]) => value !== undefined && name !== "confirm" && !known.includes(name))
    .map(([name]) => name);
  if (foreign.length > 0) refuse(place, `a ${kind} has no ${foreign.join(", ")}; it has ${known.join(", ")}`);
  if (body[NEEDED[kind]] === undefined) refuse(place, `${NEEDED[kind]} is missing`);
};

/** What a PUT asks to be written. @throws {AirfleetError} CONFIG_ENTRY_INVALID for a missing field or one of another kind */
export const toConfigWrite = (place: Place, body: Body): ConfigEntryWrite => {
  check(place, body);
  const { kind, key } = place;
  const described = given({ description: body.description });
  switch (kind) {
    case "variable":
      return { kind, key, value: body.value ?? "", ...described };
    case "pool":
      return { kind, key, slots: body.slots ?? 0, ...described };
    case "connection":
      return {
        kind,
        key,
        connType: body.conn_type ?? "",
        ...described,
        ...given({
          host: body.host,
          schema: body.schema,
          login: body.login,
          password: body.password,
          port: body.port,
          extra: body.extra,
        }),
      };
    default:
      return kind satisfies never;
  }
};
