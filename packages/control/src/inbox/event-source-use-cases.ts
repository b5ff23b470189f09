import { AirfleetError, EventSource, type InstanceId } from "@airfleet/model";
import type { Store, StoredDocument } from "@airfleet/store";
import type { Actor } from "../actor.ts";
import { toAuthor } from "../documents/author.ts";
import type { EventSources } from "./event-sources.ts";
import type { ConsumerState } from "./queue-consumer.ts";
import { queueAddress } from "./sqs-queue.ts";

/** A source of events with how it is read. Secrets are never shown. */
export interface KeptEventSource {
  readonly id: string;
  readonly source: EventSource;
  readonly version: number;
  readonly createdAt: number;
  readonly updatedAt: number;
  /** Null when no queue is read for it in this process. */
  readonly state: ConsumerState | null;
}

/** Where events come from. */
export interface EventSourceUseCases {
  list(): Promise<readonly KeptEventSource[]>;
  /** @throws {AirfleetError} DOCUMENT_UNKNOWN */
  get(id: string): Promise<KeptEventSource>;
  /**
   * Writes a source: a new one without `version`, one that is there with the version that was read.
   *
   * @throws {AirfleetError} DOCUMENT_EXISTS, DOCUMENT_UNKNOWN, VERSION_CONFLICT, REQUEST_INVALID, ADDRESS_REFUSED
   */
  put(actor: Actor, id: string, source: EventSource, version: number | undefined): Promise<KeptEventSource>;
  /** @throws {AirfleetError} DOCUMENT_UNKNOWN, VERSION_CONFLICT */
  remove(actor: Actor, id: string, version: number): Promise<void>;
}

interface SourceUseCasePorts {
  readonly store: Pick<Store, "documents">;
  readonly sources: EventSources;
  readonly instances: () => readonly { readonly id: InstanceId }[];
  /** @throws {AirfleetError} ADDRESS_REFUSED for an address that must not be called */
  readonly checkAddress: (url: string) => Promise<void>;
  readonly onWritten: () => void;
}

const KIND = "event_source";

const refuse = (pointer: string, message: string): AirfleetError =>
  new AirfleetError("REQUEST_INVALID", { summary: `${pointer}: ${message}` }, { findings: [{ pointer, message }] });

/** What may be shown, and what is kept encrypted; null takes away, undefined leaves what is there. */
const split = (
  source: EventSource,
): { readonly body: EventSource; readonly secret: Record<string, string> | null | undefined } => {
  if (source.type === "http" || source.credentials.type === "chain") return { body: source, secret: null };
  const { secret_access_key, session_token, ...open } = source.credentials;
  const secret =
    secret_access_key === undefined
      ? undefined
      : { secret_access_key, ...(session_token === undefined ? {} : { session_token }) };
  return { body: { ...source, credentials: open }, secret };
};

export const createEventSourceUseCases = (ports: SourceUseCasePorts): EventSourceUseCases => {
  const { store, sources, instances, checkAddress, onWritten } = ports;

  const show = (document: StoredDocument): KeptEventSource => ({
    id: document.id,
    source: EventSource.parse(document.body),
    version: document.version,
    createdAt: document.createdAt,
    updatedAt: document.updatedAt,
    state: sources.state(document.id) ?? null,
  });

  const checkInstances = ({ instance, hosts }: EventSource): void => {
    const known = new Set<string>(instances().map(({ id }) => id));
    if (instance !== undefined && !known.has(instance)) throw refuse("/instance", `there is no instance "${instance}"`);
    const wrong = Object.entries(hosts).find(([, id]) => !known.has(id));
    if (wrong !== undefined)
      throw refuse("/hosts", `${wrong[0]} leads to "${wrong[1]}", and there is no such instance`);
  };

  const written = async (document: StoredDocument): Promise<KeptEventSource> => {
    onWritten();
    await sources.documents.refresh();
    return show(document);
  };

  return {
    list: async () => (await store.documents.list(KIND)).map(show),

    async get(id) {
      const document = await store.documents.find(KIND, id);
      if (document === undefined) throw new AirfleetError("DOCUMENT_UNKNOWN", { kind: "event source", id });
      return show(document);
    },

    async put(actor, id, source, version) {
      checkInstances(source);
      if (source.type === "sqs") await checkAddress(queueAddress(source));
      const { body, secret } = split(source);
      const write = { kind: KIND, id, body: { ...body }, ...(secret === undefined ? {} : { secret }) } as const;
      const isWithoutKey = secret === undefined && (version === undefined || !(await hasSecret(store, id)));
      if (isWithoutKey) throw refuse("/credentials/secret_access_key", "it is needed, as there is none yet");
      const author = toAuthor(actor);
      return written(
        version === undefined
          ? await store.documents.create(write, author)
          : await store.documents.update(write, version, author),
      );
    },

    async remove(actor, id, version) {
      await store.documents.remove(KIND, id, version, toAuthor(actor));
      onWritten();
      await sources.documents.refresh();
    },
  };
};

const hasSecret = async (store: SourceUseCasePorts["store"], id: string): Promise<boolean> =>
  (await store.documents.find(KIND, id))?.secret !== null;
