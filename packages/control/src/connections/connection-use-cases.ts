import { AirfleetError, type Connection, type InstanceId } from "@airfleet/model";
import type { Store, StoredDocument } from "@airfleet/store";
import type { Actor } from "../actor.ts";
import { toAuthor } from "../documents/author.ts";
import { fromConnectionDocument, toConnectionDocument } from "./connection-document.ts";
import { findVariable, type Variables } from "./find-connection.ts";
import type { InstanceConnections } from "./instance-connections.ts";
import type { Reach, ReachVerdict } from "./reach.ts";

/** A connection as it is kept; what is secret is only said to be there. Times are epoch milliseconds. */
export interface KeptConnection {
  readonly id: string;
  readonly description: string;
  readonly connection: Omit<Connection, "password" | "extra">;
  readonly hasPassword: boolean;
  /** Names of what else it holds. */
  readonly extraKeys: readonly string[];
  /** Pipelines that name it. */
  readonly usedBy: number;
  readonly version: number;
  readonly createdAt: number;
  readonly updatedAt: number;
}

/** Absent secrets stay as they are. */
export type ConnectionInput = Omit<Connection, "password" | "extra"> & {
  readonly description: string;
  readonly password?: string | null | undefined;
  readonly extra?: Connection["extra"] | undefined;
};

/** Where a connection is found, and whether its place answers. */
export interface ConnectionCheck {
  readonly id: string;
  /** Where steps that run here find it: our store, or a variable. */
  readonly source: "store" | "environment" | null;
  readonly variable: string | null;
  readonly kind: string | null;
  readonly instances: readonly {
    readonly instance: InstanceId;
    /** Null when it could not be asked. */
    readonly has: boolean | null;
    readonly kind: string | null;
  }[];
  /** Null when there is no address to try. */
  readonly reach: ReachVerdict | null;
}

/** How steps sign in elsewhere. */
export interface ConnectionUseCases {
  list(): Promise<readonly KeptConnection[]>;
  /** @throws DOCUMENT_UNKNOWN */
  get(id: string): Promise<KeptConnection>;
  /** @throws DOCUMENT_EXISTS */
  create(actor: Actor, id: string, input: ConnectionInput): Promise<KeptConnection>;
  /** @throws DOCUMENT_UNKNOWN, VERSION_CONFLICT */
  update(actor: Actor, id: string, input: ConnectionInput, version: number): Promise<KeptConnection>;
  /** @throws DOCUMENT_UNKNOWN, VERSION_CONFLICT */
  remove(actor: Actor, id: string, version: number): Promise<void>;
  /** Looks for it everywhere, and whether something answers at its address. */
  check(id: string, instances: readonly InstanceId[]): Promise<ConnectionCheck>;
  /** For steps that run here, with its secrets. @throws CONNECTION_UNKNOWN, CONNECTION_UNREADABLE */
  find(id: string): Promise<Connection>;
}

interface Ports {
  readonly store: Pick<Store, "documents" | "pipelines">;
  readonly find: (id: string) => Promise<Connection>;
  readonly environment: Variables;
  readonly instances: InstanceConnections;
  readonly reach: Reach;
  readonly onWritten: () => void;
}

const KIND = "connection";

const show = (document: StoredDocument, usage: ReadonlyMap<string, number>): KeptConnection => {
  const { password, extra, ...connection } = fromConnectionDocument(document);
  return {
    id: document.id,
    description: typeof document.body["description"] === "string" ? document.body["description"] : "",
    connection,
    hasPassword: password !== null,
    extraKeys: Object.keys(extra).toSorted(),
    usedBy: usage.get(document.id) ?? 0,
    version: document.version,
    createdAt: document.createdAt,
    updatedAt: document.updatedAt,
  };
};

const toWrite = (id: string, { description, ...input }: ConnectionInput, present: Connection | undefined) => {
  const connection: Connection = {
    ...input,
    password: input.password === undefined ? (present?.password ?? null) : input.password,
    extra: input.extra ?? present?.extra ?? {},
  };
  return { kind: KIND, id, ...toConnectionDocument(connection, description) } as const;
};

export const createConnectionUseCases = (ports: Ports): ConnectionUseCases => {
  const { store, find, environment, instances, reach, onWritten } = ports;
  const { documents } = store;
  const usage = () => store.pipelines.usage("connection");

  const getDocument = async (id: string): Promise<StoredDocument> => {
    const document = await documents.find(KIND, id);
    if (document === undefined) throw new AirfleetError("DOCUMENT_UNKNOWN", { kind: KIND, id });
    return document;
  };

  const written = async (document: StoredDocument): Promise<KeptConnection> => {
    onWritten();
    return show(document, await usage());
  };

  return {
    find,

    async list() {
      const counts = await usage();
      return (await documents.list(KIND)).map((document) => show(document, counts));
    },

    get: async (id) => show(await getDocument(id), await usage()),

    create: async (actor, id, input) => written(await documents.create(toWrite(id, input, undefined), toAuthor(actor))),

    async update(actor, id, input, version) {
      const present = fromConnectionDocument(await getDocument(id));
      return written(await documents.update(toWrite(id, input, present), version, toAuthor(actor)));
    },

    async remove(actor, id, version) {
      await documents.remove(KIND, id, version, toAuthor(actor));
      onWritten();
    },

    async check(id, asked) {
      const stored = await documents.find(KIND, id);
      const variable = findVariable(id, environment) ?? null;
      const source = stored !== undefined ? "store" : variable === null ? null : "environment";
      const connection = source === null ? undefined : await find(id);
      const found = await Promise.all(
        asked.map(async (instance) => {
          const known = await instances.list(instance);
          const own = known?.find((one) => one.id === id);
          return { instance, has: known === undefined ? null : own !== undefined, kind: own?.kind ?? null };
        }),
      );
      return {
        id,
        source,
        variable: source === "environment" ? variable : null,
        kind: connection?.kind ?? null,
        instances: found,
        reach: connection === undefined ? null : await reach(connection),
      };
    },
  };
};
