import type { PipelineFinding } from "@airfleet/model";
import type { ConnectionUse } from "../modules/module-definition.ts";
import { finding } from "./finding.ts";

/** A connection that a node names. */
export interface UsedConnection extends ConnectionUse {
  readonly node: string;
}

/** A connection that there is, and where. */
export interface KnownConnection {
  /** Null where it is not told of what kind it is. */
  readonly kind: string | null;
  /** For people: `Airfleet`, `the environment`, `instance eu-1`. */
  readonly where: string;
}

export type KnownConnections = ReadonlyMap<string, readonly KnownConnection[]>;

const fits = ({ kind }: KnownConnection, kinds: readonly string[]): boolean => kind === null || kinds.includes(kind);

const reasonOf = ({ id }: UsedConnection, there: readonly KnownConnection[]): string => {
  if (id === "") return "names none";
  if (there.length === 0) return `names "${id}", which is not there`;
  return `names "${id}", which is of kind ${there.map(({ kind, where }) => `${kind} in ${where}`).join(", ")}`;
};

/** Connections that nodes name and that are nowhere, or of another kind. */
export const checkConnections = (
  uses: readonly UsedConnection[],
  known: KnownConnections,
): readonly PipelineFinding[] =>
  uses.flatMap((use) => {
    const there = known.get(use.id) ?? [];
    if (use.id !== "" && there.some((one) => fits(one, use.kinds))) return [];
    return [
      finding({
        type: "missing_connection",
        message: `Node "${use.node}" needs a connection (${use.kinds.join(" or ")}); it ${reasonOf(use, there)}.`,
        fix: "Create the connection, or choose another.",
        node: use.node,
        field: `config.${use.field}`,
      }),
    ];
  });

/**
 * Connections that there are, but not where the pipeline is to run.
 *
 * @param places where it is to run, each with the `where` of connections that will do there
 */
export const checkConnectionPlaces = (
  uses: readonly UsedConnection[],
  known: KnownConnections,
  places: readonly { readonly name: string; readonly accepts: readonly string[] }[],
): readonly PipelineFinding[] =>
  uses.flatMap((use) => {
    const there = (known.get(use.id) ?? []).filter((one) => fits(one, use.kinds)).map(({ where }) => where);
    const lacking = places.filter(({ accepts }) => !accepts.some((one) => there.includes(one))).map(({ name }) => name);
    if (there.length === 0 || lacking.length === 0) return [];
    return [
      finding({
        severity: "warning",
        type: "missing_connection",
        message: `Node "${use.node}" needs the connection "${use.id}", which is in ${there.join(" and ")}, and not in ${lacking.join(" or ")}.`,
        fix: "Create it there too, unless the steps find it in their environment or in a secrets backend.",
        node: use.node,
        field: `config.${use.field}`,
      }),
    ];
  });
