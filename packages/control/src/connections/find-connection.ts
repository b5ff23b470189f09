import { AirfleetError, type Connection, connectionVariables, parseAirflowConnection } from "@airfleet/model";
import type { DocumentRepository } from "@airfleet/store";
import { fromConnectionDocument } from "./connection-document.ts";

/** Environment variables. */
export type Variables = Readonly<Record<string, string | undefined>>;

interface Ports {
  readonly documents: Pick<DocumentRepository, "find">;
  readonly environment: Variables;
}

/** The variable that holds a connection; undefined when none does. */
export const findVariable = (id: string, environment: Variables): string | undefined =>
  connectionVariables(id).find((name) => (environment[name] ?? "") !== "");

/**
 * Finds connections for steps that run here: in our store, then in `AIRFLEET_CONN_<ID>`, then in `AIRFLOW_CONN_<ID>`.
 * Each time anew, so that a password that was changed counts at once.
 *
 * @throws {AirfleetError} CONNECTION_UNKNOWN, CONNECTION_UNREADABLE
 */
export const createConnectionFinder =
  ({ documents, environment }: Ports): ((id: string) => Promise<Connection>) =>
  async (id) => {
    const document = await documents.find("connection", id);
    if (document !== undefined) return fromConnectionDocument(document);
    const variable = findVariable(id, environment);
    if (variable !== undefined) return parseAirflowConnection(variable, environment[variable] ?? "");
    const [name = ""] = connectionVariables(id);
    throw new AirfleetError("CONNECTION_UNKNOWN", { id, variable: name.replace("AIRFLEET_CONN_", "") });
  };
