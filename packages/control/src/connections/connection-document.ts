import { Connection } from "@airfleet/model";
import type { StoredDocument } from "@airfleet/store";

/** What is open of a connection, and what is kept encrypted. `extra` is secret as a whole: nobody knows what is in it. */
export const toConnectionDocument = ({ password, extra, ...open }: Connection, description: string) => ({
  body: { ...open, description },
  secret: { password, extra },
});

/** @throws {ZodError} for one that another version wrote */
export const fromConnectionDocument = ({ body, secret }: StoredDocument): Connection => {
  const { description: _description, ...open } = body;
  return Connection.parse({ ...open, password: secret?.["password"] ?? null, extra: secret?.["extra"] ?? {} });
};
