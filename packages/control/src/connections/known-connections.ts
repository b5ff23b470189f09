import type { KnownConnection } from "@airfleet/compiler";
import { isAirfleetError, type InstanceId, parseAirflowConnection } from "@airfleet/model";
import type { Store } from "@airfleet/store";
import { findVariable, type Variables } from "./find-connection.ts";
import type { InstanceConnections } from "./instance-connections.ts";

/** Where a pipeline is to run, and which of the places of its connections will do there. */
export interface ConnectionPlace {
  readonly name: string;
  readonly accepts: readonly string[];
}

/** The connections that there are for a pipeline, and where it is to find them. */
export interface ConnectionKnowledge {
  readonly known: ReadonlyMap<string, readonly KnownConnection[]>;
  readonly places: readonly ConnectionPlace[];
}

/** An instance that a pipeline is for. */
export interface ConnectionTarget {
  readonly id: InstanceId;
  readonly engine: "airflow" | "dagster" | "embedded";
}

interface Ports {
  readonly documents: Store["documents"];
  readonly environment: Variables;
  readonly instances: InstanceConnections;
}

const HERE = "Airfleet";
const ENVIRONMENT = "the environment of this server";

const nameOf = ({ id }: ConnectionTarget): string => `instance ${id}`;

/** Tells which connections there are: in our store, in the environment, and on the instances that a pipeline is for. */
export const createConnectionKnowledge = ({ documents, environment, instances }: Ports) => {
  let kinds: ReadonlyMap<string, string> = new Map();
  let knownRevision = -1;

  const readStored = async (): Promise<ReadonlyMap<string, string>> => {
    // The revision first: a change in between is then read again, never missed.
    const revision = await documents.revision("connection");
    if (revision === knownRevision) return kinds;
    const stored = await documents.list("connection");
    kinds = new Map(stored.map(({ id, body }) => [id, String(body["kind"])]));
    knownRevision = revision;
    return kinds;
  };

  const inEnvironment = (id: string): readonly KnownConnection[] => {
    const variable = findVariable(id, environment);
    if (variable === undefined) return [];
    try {
      return [{ kind: parseAirflowConnection(variable, environment[variable] ?? "").kind, where: ENVIRONMENT }];
    } catch (error) {
      if (isAirfleetError(error)) return [];
      throw error;
    }
  };

  return async (ids: readonly string[], targets: readonly ConnectionTarget[]): Promise<ConnectionKnowledge> => {
    const wanted = [...new Set(ids)];
    if (wanted.length === 0) return { known: new Map(), places: [] };
    const stored = await readStored();
    const airflows = targets.filter(({ engine }) => engine === "airflow");
    const answers = await Promise.all(airflows.map(async (one) => [one, await instances.list(one.id)] as const));
    const onInstances = (id: string): readonly KnownConnection[] =>
      answers.flatMap(([target, connections]) =>
        (connections ?? []).filter((one) => one.id === id).map(({ kind }) => ({ kind, where: nameOf(target) })),
      );
    const known = wanted.map((id): [string, readonly KnownConnection[]] => {
      const kind = stored.get(id);
      const here = kind === undefined ? [] : [{ kind, where: HERE }];
      return [id, [...here, ...inEnvironment(id), ...onInstances(id)]];
    });
    const places = targets.flatMap((target): readonly ConnectionPlace[] => {
      if (target.engine === "embedded") return [{ name: nameOf(target), accepts: [HERE, ENVIRONMENT] }];
      // An instance that could not be asked lacks nothing that we know of.
      const isRead = answers.some(([one, connections]) => one.id === target.id && connections !== undefined);
      return isRead ? [{ name: nameOf(target), accepts: [nameOf(target)] }] : [];
    });
    return { known: new Map(known), places };
  };
};

/** Asks for the connections of a pipeline. */
export type KnowConnections = ReturnType<typeof createConnectionKnowledge>;
